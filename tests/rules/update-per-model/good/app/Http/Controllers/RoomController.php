<?php

namespace App\Http\Controllers;

use App\Models\Message;
use Illuminate\Http\Request;

class RoomController extends Controller
{
    public function store(Request $request)
    {
        Message::where('room_id', $request->input('room'))->update(['read' => true]);

        return back();
    }
}
