<?php

namespace App\Http\Controllers;

use App\Models\Room;

class RoomController extends Controller
{
    public function store()
    {
        foreach (Room::where('open', true)->get() as $room) {
            $copy = $room->replicate(['slug']);
            $copy->open = false;
            $copy->save();
        }

        return view('rooms.index');
    }
}
