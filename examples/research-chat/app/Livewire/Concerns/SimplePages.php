<?php

namespace App\Livewire\Concerns;

use Livewire\WithPagination;

/** Older/newer paging with this application's look. No page count: counting costs more than a page. */
trait SimplePages
{
    use WithPagination;

    public function paginationSimpleView(): string
    {
        return 'livewire.pagination.simple';
    }
}
