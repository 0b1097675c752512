<?php

namespace App\Livewire;

use App\Models\Room;
use Livewire\Component;

class RoomList extends Component
{
    public string $search = '';

    public array $rows = [];

    public function mount(): void
    {
        $this->rows = Room::orderBy('name')->get()->toArray();
    }

    public function render()
    {
        return view('livewire.room-list');
    }
}
