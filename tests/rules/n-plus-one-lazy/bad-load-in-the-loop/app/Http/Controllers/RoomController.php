<?php

namespace App\Http\Controllers;

use App\Models\Room;

class RoomController extends Controller
{
    public function index()
    {
        $rooms = Room::latest()->get();
        foreach ($rooms as $room) {
            $room->load(['messages' => fn ($query) => $query->where('read', false)]);
        }

        return view('rooms.index', ['rooms' => $rooms]);
    }
}
