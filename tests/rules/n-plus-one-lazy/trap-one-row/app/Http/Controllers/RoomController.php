<?php

namespace App\Http\Controllers;

use App\Models\Room;

class RoomController extends Controller
{
    public function show(int $id)
    {
        $room = Room::findOrFail($id);

        return view('rooms.show', ['room' => $room]);
    }
}
