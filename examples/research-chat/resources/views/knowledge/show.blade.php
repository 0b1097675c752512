<x-layouts.app :title="$document->title">
    <a href="{{ route('knowledge.index') }}" class="link text-sm">← Knowledge</a>
    <div class="mt-4 grid gap-8 lg:grid-cols-3">
        <article class="lg:col-span-2">
            <div class="flex flex-wrap items-center gap-2 text-xs text-stone-500">
                <span class="rounded bg-stone-200/70 px-1.5 py-0.5 font-medium capitalize text-stone-700">{{ $document->content_type }}</span>
                <x-badge :value="$document->status" />
                <span>{{ $document->reading_minutes }} min read</span>
            </div>
            <h1 class="mt-3 font-serif text-3xl leading-tight tracking-tight text-ink">{{ $document->title }}</h1>
            <p class="mt-3 text-base leading-relaxed text-stone-600">{{ $document->description }}</p>
            <div class="panel mt-6 space-y-4 p-7 font-serif text-[15px] leading-7 text-stone-800">
                @foreach (preg_split('/\n{2,}/', $document->content) as $paragraph)
                    <p>{{ $paragraph }}</p>
                @endforeach
            </div>

            <section class="mt-8">
                <h2 class="panel-title">Notes <span class="font-normal text-stone-400">{{ $notes->count() }}</span></h2>
                <ul class="mt-3 space-y-3">
                    @forelse ($notes as $note)
                        <li class="panel flex gap-3 p-4">
                            <x-avatar :name="$note->author->name" />
                            <div class="min-w-0">
                                <div class="text-xs text-stone-500"><span class="font-medium text-stone-800">{{ $note->author->name }}</span> {{ $note->created_at->diffForHumans() }}</div>
                                <p class="mt-1 text-sm leading-relaxed text-stone-700">{{ $note->body }}</p>
                            </div>
                        </li>
                    @empty
                        <li class="text-sm text-stone-500">No notes yet.</li>
                    @endforelse
                </ul>
            </section>
        </article>

        <aside class="space-y-6">
            <dl class="panel divide-y divide-stone-100 text-sm">
                @foreach ([
                    'Owner' => $document->user->name,
                    'Source' => $document->source?->name ?? 'none',
                    'Visible to' => ['private' => 'owner only', 'team' => 'team', 'public' => 'everyone'][$document->privacy_level],
                    'Words' => number_format($document->word_count),
                    'Embedded' => $document->embedding_generated_at?->format('j M Y') ?? 'not yet',
                    'Expires' => $document->expires_at?->format('j M Y') ?? 'never',
                    'Added' => $document->created_at->format('j M Y'),
                ] as $term => $detail)
                    <div class="flex justify-between gap-4 px-4 py-2.5"><dt class="text-stone-500">{{ $term }}</dt><dd class="text-right text-stone-900">{{ $detail }}</dd></div>
                @endforeach
            </dl>
            @if ($document->file_path)
                <a href="{{ route('knowledge.file', $document) }}" class="btn-quiet w-full"><x-icon name="file" class="size-4" />Open the file</a>
            @endif
            <div>
                <h2 class="panel-title">Tags</h2>
                <div class="mt-2 flex flex-wrap gap-1.5">
                    @foreach ($document->tags as $tag)
                        <span class="rounded-full border border-stone-200 bg-white px-2.5 py-1 text-xs text-stone-700">{{ $tag->name }}</span>
                    @endforeach
                </div>
            </div>
        </aside>
    </div>

    @if ($related->isNotEmpty())
        <section class="mt-10">
            <h2 class="panel-title mb-3">Related documents</h2>
            <div class="grid gap-4 sm:grid-cols-2 xl:grid-cols-3">
                @foreach ($related as $other)
                    <x-document-card :document="$other" />
                @endforeach
            </div>
        </section>
    @endif
</x-layouts.app>
