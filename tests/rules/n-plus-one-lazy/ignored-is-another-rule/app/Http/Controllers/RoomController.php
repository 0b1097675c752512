<?php

namespace App\Http\Controllers;

use App\Models\Room;

class RoomController extends Controller
{
    public function index()
    {
        // fettle-ignore n-plus-one-query
        $rooms = Room::orderBy('name')->paginate(50);

        return view('rooms.index', ['rooms' => $rooms]);
    }
}
