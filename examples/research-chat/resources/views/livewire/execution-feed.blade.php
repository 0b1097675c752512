<section class="panel overflow-hidden">
    <div class="flex items-center justify-between px-5 pb-3 pt-4">
        <h2 class="panel-title">Runs</h2>
        <select class="select w-36 py-1.5" wire:model.live="status" aria-label="Status">
            <option value="">All</option>
            @foreach (\App\Models\AgentExecution::STATUSES as $option)
                <option value="{{ $option }}">{{ ucfirst($option) }}</option>
            @endforeach
        </select>
    </div>
    <table class="w-full text-sm">
        <thead class="table-head">
            <tr><th class="px-5 py-2">Question</th><th class="px-3 py-2">Status</th><th class="px-3 py-2 text-right">Tokens</th><th class="px-5 py-2 text-right">Time</th></tr>
        </thead>
        <tbody class="divide-y divide-stone-100">
            @forelse ($this->executions as $execution)
                <tr wire:key="execution-{{ $execution->id }}" class="hover:bg-stone-50/60">
                    <td class="w-full max-w-0 px-5 py-2.5">
                        <div class="truncate text-stone-900">{{ $execution->query }}</div>
                        <div class="mt-0.5 truncate text-xs text-stone-500">{{ $execution->user?->name ?? 'system' }}, {{ $execution->created_at->diffForHumans() }}{{ $execution->session ? ', in “'.$execution->session->title.'”' : '' }}</div>
                    </td>
                    <td class="px-3 py-2.5"><x-badge :value="$execution->status" /></td>
                    <td class="px-3 py-2.5 text-right tabular-nums text-stone-600">{{ number_format($execution->prompt_tokens + $execution->completion_tokens) }}</td>
                    <td class="whitespace-nowrap px-5 py-2.5 text-right tabular-nums text-stone-600">{{ $execution->duration_ms ? number_format($execution->duration_ms / 1000, 2).' s' : '–' }}</td>
                </tr>
            @empty
                <tr><td colspan="4" class="px-5 py-10 text-center text-stone-500">No runs with this status.</td></tr>
            @endforelse
        </tbody>
    </table>
    <div class="border-t border-stone-100 px-5 py-3">{{ $this->executions->links() }}</div>
</section>
