<?php

namespace App\Http\Controllers;

use App\Models\Room;

class RoomController extends Controller
{
    public function index()
    {
        $count = Room::where('open', true)->get()->count();

        return view('rooms.index', ['count' => $count, 'rooms' => $this->open()]);
    }

    private function open()
    {
        return Room::where('open', true)->get();
    }
}
