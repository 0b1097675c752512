<?php

namespace App\Livewire;

use App\Models\Room;
use Livewire\Attributes\Computed;
use Livewire\Component;

class RoomList extends Component
{
    #[Computed]
    public function rooms()
    {
        return Room::with('owner')->get();
    }

    public function render()
    {
        return view('livewire.room-list');
    }
}
