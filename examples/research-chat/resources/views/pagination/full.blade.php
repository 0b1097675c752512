@if ($paginator->hasPages())
    <nav class="flex items-center justify-between text-sm" aria-label="Pages">
        @if ($paginator->onFirstPage())
            <span class="btn-quiet pointer-events-none opacity-40">Newer</span>
        @else
            <a href="{{ $paginator->previousPageUrl() }}" class="btn-quiet" rel="prev">Newer</a>
        @endif
        <span class="text-stone-500">Page {{ $paginator->currentPage() }}</span>
        @if ($paginator->hasMorePages())
            <a href="{{ $paginator->nextPageUrl() }}" class="btn-quiet" rel="next">Older</a>
        @else
            <span class="btn-quiet pointer-events-none opacity-40">Older</span>
        @endif
    </nav>
@endif
