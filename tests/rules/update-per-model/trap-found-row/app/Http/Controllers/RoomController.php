<?php

namespace App\Http\Controllers;

use App\Models\Room;

class RoomController extends Controller
{
    public function store()
    {
        foreach (Room::where('open', true)->get()->groupBy('owner_id') as $rooms) {
            $newest = $rooms->last();
            $newest->update(['open' => false]);
        }

        return view('rooms.index');
    }
}
