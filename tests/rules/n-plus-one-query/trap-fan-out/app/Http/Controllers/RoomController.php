<?php

namespace App\Http\Controllers;

use App\Models\Room;

class RoomController extends Controller
{
    public function index()
    {
        $data = [$this->rooms(), $this->rooms(), $this->rooms()];

        return view('rooms.index', ['data' => $data]);
    }

    private function rooms()
    {
        return Room::where('name', request('q'))->first();
    }
}
