<?php

namespace App\Http\Controllers;

use App\Models\Room;

class RoomController extends Controller
{
    public function index()
    {
        return response()->json(Room::orderBy('name')->get());
    }
}
