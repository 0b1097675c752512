<?php

namespace App\Http\Controllers;

use App\Models\Message;

class RoomController extends Controller
{
    public function index()
    {
        $lines = Message::with('author')->get()->countBy('author.name');

        return view('rooms.index', ['lines' => $lines]);
    }
}
