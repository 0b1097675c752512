<?php

namespace App\Http\Controllers;

use App\Models\Seat;

class RoomController extends Controller
{
    public function show(int $id)
    {
        return view('rooms.show', ['seats' => Seat::where('room_id', $id)->get()]);
    }
}
