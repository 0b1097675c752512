<?php

namespace App\Http\Controllers;

use App\Models\Room;

class RoomController extends Controller
{
    public function show(string $slug)
    {
        return view('rooms.show', ['room' => Room::where('slug', $slug)->firstOrFail()]);
    }
}
