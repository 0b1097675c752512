<?php

namespace App\Http\Controllers;

use App\Models\Room;

class RoomController extends Controller
{
    public function index()
    {
        $lines = [];
        foreach (Room::latest()->get() as $room) {
            $lines[] = $room->name ?: $this->ownerOf($room);
        }

        return view('rooms.index', ['lines' => $lines]);
    }

    private function ownerOf(Room $room): string
    {
        return $room->owner->name;
    }
}
