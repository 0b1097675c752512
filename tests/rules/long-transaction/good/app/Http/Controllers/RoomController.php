<?php

namespace App\Http\Controllers;

use App\Models\Room;
use Illuminate\Http\Request;
use Illuminate\Support\Facades\DB;
use Illuminate\Support\Facades\Http;

class RoomController extends Controller
{
    public function store(Request $request)
    {
        $room = DB::transaction(fn () => Room::create($request->only('name')));
        Http::post('https://hooks.example.test/rooms', ['id' => $room->id]);

        return back();
    }
}
