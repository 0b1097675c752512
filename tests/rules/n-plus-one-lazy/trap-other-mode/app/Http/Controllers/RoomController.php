<?php

namespace App\Http\Controllers;

use App\Models\Room;
use Illuminate\Http\Request;

class RoomController extends Controller
{
    public function index(Request $request)
    {
        $mode = $request->input('mode', 'list');

        return view('rooms.index', [
            'mode' => $mode,
            'rooms' => match ($mode) {
                'cards' => Room::with('owner')->latest()->get(),
                default => Room::latest()->get(),
            },
        ]);
    }
}
