<?php

namespace App\Http\Controllers;

use App\Models\Room;
use Illuminate\Support\Facades\Cache;

class RoomController extends Controller
{
    public function index()
    {
        $names = Cache::remember('owners', 3600, function () {
            $rooms = Room::orderBy('name')->get();

            return $rooms->map(fn (Room $room) => $room->owner->name)->all();
        });

        return view('rooms.index', ['names' => $names]);
    }
}
