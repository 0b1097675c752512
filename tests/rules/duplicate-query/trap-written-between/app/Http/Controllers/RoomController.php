<?php

namespace App\Http\Controllers;

use App\Models\Room;

class RoomController extends Controller
{
    public function index()
    {
        $before = $this->open();
        Room::where('name', '')->delete();

        return [$before, $this->open()];
    }

    private function open()
    {
        return Room::where('open', true)->get();
    }
}
