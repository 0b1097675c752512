<?php

namespace App\Http\Controllers;

use App\Models\Room;
use Illuminate\Http\Request;

class RoomController extends Controller
{
    public function index(Request $request)
    {
        $rooms = Room::whereIn('id', $request->input('ids', []))->get()->keyBy('id');
        $names = [];
        foreach ($request->input('ids', []) as $id) {
            $names[] = $rooms[$id]?->name;
        }

        return view('rooms.index', ['names' => $names]);
    }
}
