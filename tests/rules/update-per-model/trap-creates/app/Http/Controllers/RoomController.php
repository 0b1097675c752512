<?php

namespace App\Http\Controllers;

use App\Models\Message;
use App\Models\Room;
use App\Models\Tag;
use Illuminate\Http\Request;

class RoomController extends Controller
{
    public function store(Request $request)
    {
        $room = Room::findOrFail($request->input('room'));
        foreach ($request->input('tags', []) as $name) {
            Tag::updateOrCreate(['name' => $name]);
            $room->messages()->save(new Message(['body' => $name]));
        }

        return back();
    }
}
