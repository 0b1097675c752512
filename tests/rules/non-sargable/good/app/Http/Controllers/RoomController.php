<?php

namespace App\Http\Controllers;

use App\Models\Message;

class RoomController extends Controller
{
    public function index()
    {
        $messages = Message::query()
            ->where('created_at', '>=', today())
            ->where('created_at', '<', today()->addDay())
            ->get();

        return view('rooms.index', ['messages' => $messages]);
    }
}
