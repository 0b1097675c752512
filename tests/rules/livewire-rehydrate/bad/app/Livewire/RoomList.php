<?php

namespace App\Livewire;

use App\Models\Room;
use Illuminate\Database\Eloquent\Collection;
use Livewire\Component;

class RoomList extends Component
{
    public Collection $rooms;

    public function mount(): void
    {
        $this->rooms = Room::with('owner')->get();
    }

    public function render()
    {
        return view('livewire.room-list');
    }
}
