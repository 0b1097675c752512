<?php

namespace App\Http\Controllers;

use App\Models\Message;
use Illuminate\Http\Request;

class RoomController extends Controller
{
    public function store(Request $request)
    {
        foreach (Message::with('room')->where('read', false)->get() as $message) {
            $message->room->increment('open');
        }

        return back();
    }
}
