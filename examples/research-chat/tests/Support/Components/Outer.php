<?php

namespace Tests\Support\Components;

use Livewire\Component;

/** Works 30 ms and shows a nested component that works 60 ms. */
class Outer extends Component
{
    public function render(): string
    {
        usleep(30_000);

        return <<<'BLADE'
            <div>outer <livewire:inner /></div>
            BLADE;
    }
}
