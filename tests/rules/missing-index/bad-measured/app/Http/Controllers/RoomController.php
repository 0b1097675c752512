<?php

namespace App\Http\Controllers;

use App\Models\Room;

class RoomController extends Controller
{
    public function show(string $slug)
    {
        $room = Room::where('slug', $slug)->firstOrFail();

        return view('rooms.show', ['room' => $room]);
    }
}
