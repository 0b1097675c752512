<?php

namespace App\Http\Controllers;

use App\Models\Room;
use Illuminate\Support\Facades\Cache;

class RoomController extends Controller
{
    public function index()
    {
        $seen = Cache::get('seen');
        foreach (Room::orderBy('name')->get() as $room) {
            $rows[] = $seen[$room->id] ?? null;
        }

        return view('rooms.index', ['rows' => $rows]);
    }
}
