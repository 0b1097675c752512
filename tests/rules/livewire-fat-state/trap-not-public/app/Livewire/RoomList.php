<?php

namespace App\Livewire;

use Illuminate\Support\Collection;
use Livewire\Component;

class RoomList extends Component
{
    protected Collection $rooms;

    private array $rows = [];

    public static array $columns = ['id', 'name'];

    public function render()
    {
        return view('livewire.room-list');
    }
}
