<?php

namespace App\Http\Controllers;

use App\Models\Room;

class RoomController extends Controller
{
    public function index()
    {
        foreach (Room::where('open', true)->get() as $room) {
            $room->refresh();
            $room->owner->touch();
        }

        return back();
    }
}
