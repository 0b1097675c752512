<?php

namespace App\Http\Controllers;

use App\Models\Message;

class RoomController extends Controller
{
    public function index()
    {
        $messages = Message::latest()->take(20)->get()->filter(fn ($m) => $m->created_at->isToday());

        return view('rooms.index', ['messages' => $messages]);
    }
}
