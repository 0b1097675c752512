<?php

namespace App\Http\Controllers;

use App\Models\Message;
use Illuminate\Http\Request;

class RoomController extends Controller
{
    public function store(Request $request)
    {
        foreach (Message::where('room_id', $request->input('room'))->get() as $message) {
            $message->update(['tokens' => str_word_count($message->body)]);
        }

        return back();
    }
}
