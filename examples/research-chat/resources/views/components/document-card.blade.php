@props(['document'])
<a href="{{ route('knowledge.show', $document) }}" class="panel group flex h-full flex-col p-4 transition hover:border-pine-300 hover:shadow-md">
    <div class="flex items-center gap-2 text-xs text-stone-500">
        <span class="rounded bg-stone-100 px-1.5 py-0.5 font-medium capitalize text-stone-600">{{ $document->content_type }}</span>
        @if ($document->privacy_level === 'private')
            <x-icon name="lock" class="size-3.5 text-stone-400" />
        @endif
        <span class="ml-auto">{{ $document->created_at->format('j M Y') }}</span>
    </div>
    <h3 class="mt-2.5 line-clamp-2 text-sm font-semibold leading-snug text-stone-900 group-hover:text-pine-800">{{ $document->title }}</h3>
    <p class="mt-1.5 line-clamp-2 text-xs leading-relaxed text-stone-500">{{ $document->description }}</p>
    <div class="mt-auto flex items-center gap-2 pt-3.5">
        <x-avatar :name="$document->user->name" size="size-5 text-[9px]" />
        <span class="truncate text-xs text-stone-600">{{ $document->user->name }}</span>
        <span class="ml-auto truncate text-[11px] text-stone-400">{{ $document->tags->take(2)->pluck('name')->implode(' · ') }}</span>
    </div>
</a>
