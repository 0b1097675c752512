<?php

namespace App\Http\Controllers;

use App\Models\Room;

class RoomController extends Controller
{
    public function index()
    {
        $title = 'Rooms'; // fettle-ignore n-plus-one-lazy
        $rooms = Room::orderBy('name')->paginate(50);

        return view('rooms.index', ['rooms' => $rooms, 'title' => $title]);
    }
}
