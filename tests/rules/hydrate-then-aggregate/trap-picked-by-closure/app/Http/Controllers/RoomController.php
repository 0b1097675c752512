<?php

namespace App\Http\Controllers;

use App\Models\Room;

class RoomController extends Controller
{
    public function index()
    {
        $mine = Room::where('open', true)->get()
            ->filter(fn (Room $room) => auth()->user()->can('see', $room))
            ->pluck('id');

        return view('rooms.index', ['mine' => $mine]);
    }
}
