<?php

namespace App\Http\Controllers;

use App\Models\Room;

class RoomController extends Controller
{
    public function show(int $id)
    {
        return view('rooms.show', ['notes' => Room::findOrFail($id)->notes()->get()]);
    }
}
