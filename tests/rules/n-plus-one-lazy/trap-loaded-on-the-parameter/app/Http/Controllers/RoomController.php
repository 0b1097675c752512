<?php

namespace App\Http\Controllers;

use App\Models\Room;

class RoomController extends Controller
{
    public function show(Room $room)
    {
        $room->load(['messages' => ['author'], 'owner']);

        return view('rooms.index', ['room' => $room]);
    }
}
