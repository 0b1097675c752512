<?php

namespace App\Http\Controllers;

use App\Models\Room;

class RoomController extends Controller
{
    public function index()
    {
        return view('rooms.index', ['open' => $this->open()->count(), 'rooms' => $this->open()]);
    }

    private function open()
    {
        return Room::where('open', true)->get();
    }
}
