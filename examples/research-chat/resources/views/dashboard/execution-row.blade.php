<tr class="hover:bg-stone-50/60">
    <td class="w-full max-w-0 px-5 py-2.5">
        <div class="truncate text-stone-900">{{ $execution->query }}</div>
        <div class="mt-0.5 truncate text-xs text-stone-500">{{ $execution->user?->name ?? 'system' }}, {{ $execution->created_at->diffForHumans() }}</div>
    </td>
    <td class="whitespace-nowrap px-3 py-2.5 text-stone-600">{{ $execution->agent->name }}</td>
    <td class="px-3 py-2.5"><x-badge :value="$execution->status" /></td>
    <td class="whitespace-nowrap px-5 py-2.5 text-right tabular-nums text-stone-600">{{ $execution->duration_ms ? number_format($execution->duration_ms / 1000, 2).' s' : '–' }}</td>
</tr>
