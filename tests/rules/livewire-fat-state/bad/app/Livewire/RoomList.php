<?php

namespace App\Livewire;

use App\Models\Room;
use Illuminate\Support\Collection;
use Livewire\Component;

class RoomList extends Component
{
    public Collection $rooms;

    public function mount(): void
    {
        $this->rooms = Room::orderBy('name')->get()->toBase();
    }

    public function render()
    {
        return view('livewire.room-list');
    }
}
