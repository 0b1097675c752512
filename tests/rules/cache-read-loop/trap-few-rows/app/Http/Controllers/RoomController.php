<?php

namespace App\Http\Controllers;

use App\Models\Room;
use Illuminate\Support\Facades\Cache;

class RoomController extends Controller
{
    public function index()
    {
        $seen = [];
        foreach (Room::latest()->limit(4)->get() as $room) {
            $seen[$room->id] = Cache::get("seen.{$room->id}");
        }

        return view('rooms.index', ['lines' => $seen]);
    }
}
