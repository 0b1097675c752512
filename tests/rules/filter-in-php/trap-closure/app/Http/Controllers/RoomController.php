<?php

namespace App\Http\Controllers;

use App\Models\Room;

class RoomController extends Controller
{
    public function index()
    {
        $rooms = Room::orderBy('name')->get()->filter(fn (Room $room) => auth()->user()->can('see', $room));

        return view('rooms.index', ['rooms' => $rooms]);
    }
}
