<x-layouts.app title="Team">
    <x-page-header :title="$team['name']" lead="Who works here, and how much they have brought in." />
    <div class="panel overflow-x-auto">
        <table class="w-full text-sm">
            <thead class="table-head">
                <tr>
                    <th class="px-5 py-2.5">Member</th>
                    <th class="px-3 py-2.5">Role</th>
                    <th class="px-3 py-2.5 text-right">Documents</th>
                    <th class="px-3 py-2.5 text-right">Chats</th>
                    <th class="px-3 py-2.5 text-right">Last run</th>
                    <th class="px-5 py-2.5 text-right">Signed in</th>
                </tr>
            </thead>
            <tbody class="divide-y divide-stone-100">
                @foreach ($members as $member)
                    <tr class="hover:bg-stone-50/60">
                        <td class="px-5 py-3">
                            <span class="flex items-center gap-3">
                                <x-avatar :name="$member->name" />
                                <span class="min-w-0">
                                    <span class="block truncate font-medium text-stone-900">{{ $member->name }}</span>
                                    <span class="block truncate text-xs text-stone-500">{{ $member->title }}</span>
                                </span>
                            </span>
                        </td>
                        <td class="px-3 py-3"><x-badge :value="$member->is_active ? $member->role : 'inactive'" /></td>
                        <td class="px-3 py-3 text-right tabular-nums">{{ number_format($member->documents_count) }}</td>
                        <td class="px-3 py-3 text-right tabular-nums">{{ number_format($member->sessions_count) }}</td>
                        <td class="whitespace-nowrap px-3 py-3 text-right text-stone-500">{{ $member->executions_max_created_at ? \Illuminate\Support\Carbon::parse($member->executions_max_created_at)->diffForHumans() : '–' }}</td>
                        <td class="whitespace-nowrap px-5 py-3 text-right text-stone-500">{{ $member->last_login_at?->format('j M Y') ?? 'never' }}</td>
                    </tr>
                @endforeach
            </tbody>
        </table>
    </div>
    <div class="mt-4">{{ $members->links() }}</div>
</x-layouts.app>
