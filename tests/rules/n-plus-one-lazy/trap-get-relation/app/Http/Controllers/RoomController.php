<?php

namespace App\Http\Controllers;

use App\Models\Room;

class RoomController extends Controller
{
    public function index()
    {
        $lines = [];
        foreach (Room::latest()->get() as $room) {
            $lines[] = $this->ownerOf($room, 'owner');
        }

        return view('rooms.index', ['lines' => $lines]);
    }

    private function ownerOf(Room $room, string $relation): ?string
    {
        return $room->relationLoaded($relation) ? $room->getRelation($relation)->name : null;
    }
}
