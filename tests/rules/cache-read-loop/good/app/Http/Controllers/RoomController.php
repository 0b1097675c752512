<?php

namespace App\Http\Controllers;

use App\Models\Room;
use Illuminate\Support\Facades\Cache;

class RoomController extends Controller
{
    public function index()
    {
        $rooms = Room::orderBy('name')->get();
        $seen = Cache::many($rooms->map(fn ($room) => "seen.{$room->id}")->all());

        return view('rooms.index', ['seen' => $seen]);
    }
}
