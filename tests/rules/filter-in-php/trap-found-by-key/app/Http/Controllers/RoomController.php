<?php

namespace App\Http\Controllers;

use App\Models\Room;
use Illuminate\Http\Request;

class RoomController extends Controller
{
    public function index(Request $request)
    {
        $room = Room::find([$request->input('id')])->first();

        return view('rooms.index', ['lines' => [$room->name]]);
    }
}
