<?php

namespace App\Http\Controllers;

use App\Models\Room;

class RoomController extends Controller
{
    public function store()
    {
        foreach (Room::where('open', true)->get() as $room) {
            $this->close($room, $room->slug);
        }

        return view('rooms.index');
    }

    private function close(Room $room, string $slug): void
    {
        $room->update(['name' => strrev($slug), 'open' => false]);
    }
}
