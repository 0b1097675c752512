<?php

namespace App\Http\Controllers;

use App\Models\Room;

class RoomController extends Controller
{
    public function index()
    {
        $rooms = Room::query()->where('open', true)->take(5)->get();

        return view('rooms.index', ['rooms' => $rooms]);
    }
}
