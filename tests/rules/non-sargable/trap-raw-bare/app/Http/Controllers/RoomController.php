<?php

namespace App\Http\Controllers;

use App\Models\Message;

class RoomController extends Controller
{
    public function index()
    {
        $messages = Message::query()
            ->whereRaw('created_at >= date(?)', [today()])
            ->get();

        return view('rooms.index', ['messages' => $messages]);
    }
}
