<?php

namespace App\Http\Controllers;

use App\Models\Room;

class RoomController extends Controller
{
    public function index()
    {
        $rooms = Room::where('open', true)->get();

        return view('rooms.index', ['rooms' => $rooms, 'n' => $rooms->count()]);
    }
}
