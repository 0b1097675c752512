<?php

namespace App\Livewire;

use App\Models\Room;
use Livewire\Attributes\Computed;
use Livewire\Component;

class RoomList extends Component
{
    public string $search = '';

    #[Computed]
    public function rooms()
    {
        return Room::orderBy('name')->get();
    }

    public function render()
    {
        return view('livewire.room-list');
    }
}
