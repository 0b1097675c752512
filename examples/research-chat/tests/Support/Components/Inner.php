<?php

namespace Tests\Support\Components;

use Livewire\Component;

class Inner extends Component
{
    public function render(): string
    {
        usleep(60_000);

        return '<div>inner</div>';
    }
}
