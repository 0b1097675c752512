<div>
    <div class="mb-4 flex flex-wrap gap-2.5">
        <label class="relative min-w-64 flex-1">
            <x-icon name="search" class="pointer-events-none absolute left-3 top-2.5 size-4.5 text-stone-400" />
            <input class="field pl-9" type="search" wire:model.live.debounce.300ms="query" placeholder="Search titles and abstracts" aria-label="Search">
        </label>
        <select class="select w-40" wire:model.live="type" aria-label="Type">
            <option value="">All types</option>
            @foreach (\App\Models\KnowledgeDocument::TYPES as $option)
                <option value="{{ $option }}">{{ ucfirst($option) }}</option>
            @endforeach
        </select>
        <select class="select w-40" wire:model.live="status" aria-label="Status">
            <option value="">Any status</option>
            @foreach (\App\Models\KnowledgeDocument::STATUSES as $option)
                <option value="{{ $option }}">{{ ucfirst($option) }}</option>
            @endforeach
        </select>
    </div>

    @if ($this->isSearching())
        <p class="mb-2 text-sm text-stone-500">{{ $this->hits->count() }} best matches for “{{ $query }}”</p>
        <ul class="panel divide-y divide-stone-100 transition-opacity" wire:loading.class="opacity-60">
            @forelse ($this->hits as $hit)
                <li wire:key="hit-{{ $hit['id'] }}">
                    <a href="{{ route('knowledge.show', $hit['id']) }}" class="block px-5 py-3.5 hover:bg-stone-50/60">
                        <span class="flex items-baseline justify-between gap-4">
                            <span class="truncate font-medium text-stone-900">{{ $hit['title'] }}</span>
                            <span class="text-xs tabular-nums text-stone-400" title="relevance">{{ number_format($hit['score'], 2) }}</span>
                        </span>
                        <span class="mt-0.5 line-clamp-1 text-sm text-stone-600">{{ $hit['description'] }}</span>
                        <span class="mt-1 flex gap-2 text-xs text-stone-500"><span class="capitalize">{{ $hit['content_type'] }}</span>{{ $hit['owner'] }}</span>
                    </a>
                </li>
            @empty
                <li class="px-5 py-16 text-center text-sm text-stone-500">Nothing matches. Try fewer words or another filter.</li>
            @endforelse
        </ul>
    @else
        <div class="panel overflow-hidden transition-opacity" wire:loading.class="opacity-60">
            <table class="w-full table-fixed text-sm">
                <thead class="table-head">
                    <tr>
                        <th class="px-5 py-2.5">Document</th>
                        <th class="hidden w-44 px-3 py-2.5 md:table-cell">Owner</th>
                        <th class="hidden w-44 px-3 py-2.5 lg:table-cell">Source</th>
                        <th class="w-24 px-3 py-2.5">Status</th>
                        <th class="hidden w-36 px-5 py-2.5 text-right sm:table-cell">Added</th>
                    </tr>
                </thead>
                <tbody class="divide-y divide-stone-100">
                    @forelse ($this->documents as $document)
                        <tr wire:key="document-{{ $document->id }}" class="hover:bg-stone-50/60">
                            <td class="px-5 py-3">
                                <a href="{{ route('knowledge.show', $document) }}" class="flex items-center gap-1.5 font-medium text-stone-900 hover:text-pine-800">
                                    <span class="truncate">{{ $document->title }}</span>
                                    @if ($document->privacy_level === 'private')
                                        <x-icon name="lock" class="size-3.5 text-stone-400" />
                                    @endif
                                </a>
                                <div class="mt-1 flex items-center gap-1.5 truncate text-xs text-stone-500">
                                    <span class="capitalize">{{ $document->content_type }}</span>
                                    @foreach ($document->tags as $tag)
                                        <span class="rounded bg-stone-100 px-1.5 py-px text-[11px] text-stone-600">{{ $tag->name }}</span>
                                    @endforeach
                                </div>
                            </td>
                            <td class="hidden px-3 py-3 md:table-cell">
                                <span class="flex items-center gap-2 text-stone-600"><x-avatar :name="$document->user->name" size="size-6 text-[10px]" /><span class="truncate">{{ $document->user->name }}</span></span>
                            </td>
                            <td class="hidden truncate px-3 py-3 text-stone-600 lg:table-cell">{{ $document->source?->name ?? '–' }}</td>
                            <td class="px-3 py-3"><x-badge :value="$document->status" /></td>
                            <td class="hidden whitespace-nowrap px-5 py-3 text-right text-stone-500 sm:table-cell">{{ $document->created_at->format('j M Y') }}</td>
                        </tr>
                    @empty
                        <tr><td colspan="5" class="px-5 py-16 text-center text-stone-500">No document with these filters.</td></tr>
                    @endforelse
                </tbody>
            </table>
        </div>

        <div class="mt-4">{{ $this->documents->links() }}</div>
    @endif
</div>
