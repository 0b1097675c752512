<?php

namespace App\Http\Controllers;

use App\Models\Room;
use Illuminate\Support\Facades\Http;

class RoomController extends Controller
{
    public function index()
    {
        $titles = [];
        foreach (Room::orderBy('name')->get() as $room) {
            $titles[] = Http::get("https://rooms.example.test/{$room->slug}")->json('title');
            usleep(200000);
        }

        return view('rooms.index', ['lines' => $titles]);
    }
}
