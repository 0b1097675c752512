<?php

namespace App\Http\Controllers;

use App\Models\Message;

class RoomController extends Controller
{
    public function index()
    {
        return view('rooms.index', ['messages' => Message::all()]);
    }
}
