<?php

namespace App\Http\Controllers;

use App\Models\Message;
use Illuminate\Http\Request;

class RoomController extends Controller
{
    public function index(Request $request)
    {
        foreach ($request->input('days') as $day) {
            $rows[] = Message::where('created_at', $day)->first();
        }

        return $rows;
    }
}
