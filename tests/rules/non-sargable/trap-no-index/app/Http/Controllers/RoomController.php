<?php

namespace App\Http\Controllers;

use App\Models\Room;

class RoomController extends Controller
{
    public function index()
    {
        $rooms = Room::whereDate('created_at', today())->get();

        return view('rooms.index', ['rooms' => $rooms]);
    }
}
