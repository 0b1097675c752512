<?php

namespace App\Http\Controllers;

use App\Models\Room;

class RoomController extends Controller
{
    public function index()
    {
        $lines = [];
        foreach (Room::latest()->get() as $room) {
            $lines[] = $this->describe($room);
        }

        return view('rooms.index', ['lines' => $lines]);
    }

    private function describe(Room $room, bool $withOwner = false): string
    {
        if (! $withOwner) {
            return $room->name;
        }

        return $room->name.' of '.$room->owner->name;
    }
}
