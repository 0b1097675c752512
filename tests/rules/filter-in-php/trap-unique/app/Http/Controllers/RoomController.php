<?php

namespace App\Http\Controllers;

use App\Models\Room;

class RoomController extends Controller
{
    public function index()
    {
        $rooms = Room::with('tags')->orderBy('name')->get()->unique();

        return view('rooms.index', ['rooms' => $rooms]);
    }
}
