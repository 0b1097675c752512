<?php

namespace App\Http\Controllers;

use App\Models\Room;

class RoomController extends Controller
{
    public function index()
    {
        return [$this->of(1), $this->of(2)];
    }

    private function of(int $owner)
    {
        return Room::where('owner_id', $owner)->get();
    }
}
