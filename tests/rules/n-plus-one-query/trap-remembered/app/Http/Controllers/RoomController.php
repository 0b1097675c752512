<?php

namespace App\Http\Controllers;

use App\Models\Room;
use App\Models\Message;

class RoomController extends Controller
{
    public function index()
    {
        $rooms = [];
        foreach (Message::latest()->get() as $message) {
            if (! array_key_exists($message->room_id, $rooms)) {
                $rooms[$message->room_id] = Room::find($message->room_id);
            }
        }

        return view('rooms.index', ['rooms' => $rooms]);
    }
}
