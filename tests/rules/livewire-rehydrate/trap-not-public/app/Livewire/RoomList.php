<?php

namespace App\Livewire;

use Illuminate\Database\Eloquent\Collection;
use Livewire\Component;

class RoomList extends Component
{
    protected Collection $rooms;

    public function render()
    {
        return view('livewire.room-list');
    }
}
