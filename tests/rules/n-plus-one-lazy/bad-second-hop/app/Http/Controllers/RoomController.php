<?php

namespace App\Http\Controllers;

use App\Models\Room;

class RoomController extends Controller
{
    public function index()
    {
        $rooms = Room::query()
            ->with('messages')
            ->latest()
            ->take(100)
            ->get();

        return view('rooms.index', compact('rooms'));
    }
}
