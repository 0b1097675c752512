<?php

namespace App\Http\Controllers;

use App\Models\Room;

class RoomController extends Controller
{
    public function index()
    {
        $owners = Room::select('owner_id')->groupBy('owner_id')->get()->count();

        return view('rooms.index', ['owners' => $owners]);
    }
}
