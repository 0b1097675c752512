<?php

namespace App\Http\Controllers;

use App\Models\Room;

class RoomController extends Controller
{
    public function index()
    {
        $counts = [];
        foreach (['open', 'closed', 'archived'] as $state) {
            $counts[$state] = Room::where('name', $state)->first();
        }

        return view('rooms.index', ['counts' => $counts]);
    }
}
