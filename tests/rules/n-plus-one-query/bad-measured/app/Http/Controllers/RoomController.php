<?php

namespace App\Http\Controllers;

use App\Models\Message;
use App\Models\User;

class RoomController extends Controller
{
    public function index()
    {
        $rows = [];
        foreach (Message::orderBy('id')->get() as $message) {
            $rows[] = User::where('id', $message->author_id)->first();
        }

        return view('rooms.index', ['rows' => $rows]);
    }
}
