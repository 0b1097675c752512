<?php

namespace App\Http\Controllers;

use Illuminate\Support\Facades\Http;

class RoomController extends Controller
{
    public function index()
    {
        do {
            $answer = Http::get('https://rooms.example.test/state');
        } while ($answer->status() === 429);

        return view('rooms.index', ['answer' => $answer]);
    }
}
