<?php

namespace App\Http\Controllers;

use App\Models\Room;
use App\Models\User;

class RoomController extends Controller
{
    public function index()
    {
        $owners = User::pluck('name', 'id')->toArray();
        $lines = [];
        foreach (Room::latest()->get() as $room) {
            $lines[] = $this->describe($room, $owners);
        }

        return view('rooms.index', ['lines' => $lines]);
    }

    private function describe(Room $room, ?array $owners = null): string
    {
        return is_null($owners) ? $room->owner->name : $owners[$room->owner_id];
    }
}
