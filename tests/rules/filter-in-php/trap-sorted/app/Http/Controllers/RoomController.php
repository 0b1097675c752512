<?php

namespace App\Http\Controllers;

use App\Models\Room;

class RoomController extends Controller
{
    public function index()
    {
        $rooms = Room::where('open', true)->get()->sortBy('name', SORT_NATURAL);

        return view('rooms.index', ['rooms' => $rooms]);
    }
}
