<?php

namespace App\Http\Controllers;

use App\Models\Message;
use Illuminate\Http\Request;

class RoomController extends Controller
{
    public function store(Request $request)
    {
        $state = $request->boolean('read');
        foreach (Message::where('room_id', $request->input('room'))->get() as $message) {
            $message->read = $state;
            $message->save();
        }

        return back();
    }
}
