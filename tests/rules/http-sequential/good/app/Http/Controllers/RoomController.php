<?php

namespace App\Http\Controllers;

use App\Models\Room;
use Illuminate\Support\Facades\Http;

class RoomController extends Controller
{
    public function index()
    {
        $rooms = Room::orderBy('name')->get();
        $answers = Http::pool(fn ($pool) => $rooms->map(
            fn ($room) => $pool->as($room->slug)->get("https://rooms.example.test/{$room->slug}")
        )->all());

        return view('rooms.index', ['answers' => $answers]);
    }
}
