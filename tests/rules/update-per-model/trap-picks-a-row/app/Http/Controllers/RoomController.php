<?php

namespace App\Http\Controllers;

use App\Models\Room;
use Illuminate\Http\Request;

class RoomController extends Controller
{
    public function store(Request $request)
    {
        foreach (Room::where('open', true)->get() as $room) {
            if ($room->slug === $request->input('slug')) {
                $room->name = 'Lobby';
                $room->save();
            }
        }

        return view('rooms.index');
    }
}
