<?php

namespace App\Http\Controllers;

use App\Models\Room;

class RoomController extends Controller
{
    public function index()
    {
        $open = Room::where('open', true)->count();

        return view('rooms.index', ['open' => $open]);
    }
}
