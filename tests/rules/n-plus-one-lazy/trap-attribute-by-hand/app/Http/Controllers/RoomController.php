<?php

namespace App\Http\Controllers;

use App\Models\Room;
use App\Models\Message;
use Illuminate\Support\Facades\DB;

class RoomController extends Controller
{
    public function index()
    {
        $rooms = Room::latest()->get();
        $newest = DB::table('messages')->whereIn('room_id', $rooms->modelKeys())->get()->groupBy('room_id');
        foreach ($rooms as $room) {
            $room->messages = $newest[$room->id] ?? [];
        }

        return view('rooms.index', ['rooms' => $rooms]);
    }
}
