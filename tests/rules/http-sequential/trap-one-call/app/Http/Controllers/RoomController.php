<?php

namespace App\Http\Controllers;

use Illuminate\Support\Facades\Http;

class RoomController extends Controller
{
    public function index()
    {
        return view('rooms.index', ['state' => Http::get('https://rooms.example.test/state')->json()]);
    }
}
