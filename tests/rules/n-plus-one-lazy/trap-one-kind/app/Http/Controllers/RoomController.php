<?php

namespace App\Http\Controllers;

use App\Models\Room;

class RoomController extends Controller
{
    public function index()
    {
        return view('rooms.index', ['rooms' => Room::latest()->paginate(20)]);
    }
}
