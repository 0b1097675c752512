<?php

namespace App\Http\Controllers;

use App\Models\Message;
use Illuminate\Http\Request;

class RoomController extends Controller
{
    public function store(Request $request)
    {
        $messages = Message::where('room_id', $request->input('room'))->get();
        foreach ($messages as $message) {
            $message->update(['read' => true]);
        }

        return back();
    }
}
