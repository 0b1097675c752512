<?php

namespace App\Http\Controllers;

use App\Models\Room;
use Illuminate\Http\Request;
use App\Models\User;

class RoomController extends Controller
{
    public function index(Request $request)
    {
        $lines = User::whereRaw('soundex(email) = soundex(?)', [$request->input('q')])->pluck('name');

        return view('rooms.index', ['lines' => $lines]);
    }
}
