<?php

namespace App\Http\Controllers;

use App\Models\Room;
use Illuminate\Http\Request;

class RoomController extends Controller
{
    public function index(Request $request)
    {
        $rooms = collect($request->input('groups', []))->map(fn ($group) => Room::hydrate($group));

        return view('rooms.index', ['lines' => $rooms->flatten()->map->name]);
    }
}
