<?php

namespace App\Http\Controllers;

use App\Models\Room;

class RoomController extends Controller
{
    public function index()
    {
        // fettle-ignore slow-query, n-plus-one-lazy the list is three rows
        $rooms = Room::query()
            ->with('messages')
            ->get();

        return view('rooms.index', ['rooms' => $rooms]);
    }
}
