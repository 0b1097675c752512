<?php

namespace App\Http\Controllers;

use App\Models\Room;

class RoomController extends Controller
{
    public function index()
    {
        $rooms = Room::fromQuery('SELECT rooms.*, users.name AS owner FROM rooms LEFT JOIN users ON users.id = rooms.owner_id');

        return view('rooms.index', ['rooms' => $rooms]);
    }
}
