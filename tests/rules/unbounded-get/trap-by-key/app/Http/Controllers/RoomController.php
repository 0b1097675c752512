<?php

namespace App\Http\Controllers;

use App\Models\Room;
use Illuminate\Http\Request;

class RoomController extends Controller
{
    public function index(Request $request)
    {
        return view('rooms.index', ['rooms' => Room::whereIn('id', $request->input('ids', []))->limit(20)->get()]);
    }
}
