<?php

namespace App\Http\Controllers;

use App\Models\Message;

class RoomController extends Controller
{
    public function index()
    {
        $days = Message::selectRaw('date(created_at) as day, count(*) as n')->groupBy('day')->get();

        return view('rooms.index', ['days' => $days]);
    }
}
