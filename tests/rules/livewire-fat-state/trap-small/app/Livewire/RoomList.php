<?php

namespace App\Livewire;

use Illuminate\Support\Collection;
use Livewire\Component;

class RoomList extends Component
{
    public Collection $chosen;

    public function render()
    {
        return view('livewire.room-list');
    }
}
