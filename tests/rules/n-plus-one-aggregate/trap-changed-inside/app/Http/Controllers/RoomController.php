<?php

namespace App\Http\Controllers;

use App\Models\Room;

class RoomController extends Controller
{
    public function index()
    {
        foreach (Room::orderBy('name')->get() as $room) {
            $room->messages()->where('read', true)->delete();
            if ($room->messages()->count() === 0) {
                $room->delete();
            }
        }

        return back();
    }
}
