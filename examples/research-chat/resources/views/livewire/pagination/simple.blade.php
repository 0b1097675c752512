<div>
    @if ($paginator->hasPages())
        <nav class="flex items-center justify-between text-sm" aria-label="Pages">
            <button type="button" class="btn-quiet" wire:click="previousPage" @disabled($paginator->onFirstPage())>Newer</button>
            <span class="text-stone-500">Page {{ $paginator->currentPage() }}</span>
            <button type="button" class="btn-quiet" wire:click="nextPage" @disabled(! $paginator->hasMorePages())>Older</button>
        </nav>
    @endif
</div>
