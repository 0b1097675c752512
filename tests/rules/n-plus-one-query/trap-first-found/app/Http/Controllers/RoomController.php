<?php

namespace App\Http\Controllers;

use App\Models\Room;
use Illuminate\Http\Request;

class RoomController extends Controller
{
    public function index(Request $request)
    {
        foreach ($request->input('slugs', []) as $slug) {
            $room = Room::where('slug', $slug)->first();
            if ($room) {
                return view('rooms.index', ['rooms' => [$room]]);
            }
        }

        abort(404);
    }
}
