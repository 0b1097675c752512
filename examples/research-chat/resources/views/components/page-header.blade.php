@props(['title', 'lead' => null])
<header class="mb-7 flex flex-wrap items-end justify-between gap-4">
    <div>
        <h1 class="font-serif text-3xl tracking-tight text-ink">{{ $title }}</h1>
        @if ($lead)
            <p class="mt-1.5 text-sm text-stone-500">{{ $lead }}</p>
        @endif
    </div>
    <div class="flex items-center gap-2">{{ $slot }}</div>
</header>
