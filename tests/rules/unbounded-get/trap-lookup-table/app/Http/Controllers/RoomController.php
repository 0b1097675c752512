<?php

namespace App\Http\Controllers;

use App\Models\Tag;

class RoomController extends Controller
{
    public function index()
    {
        return view('rooms.index', ['tags' => Tag::all()]);
    }
}
