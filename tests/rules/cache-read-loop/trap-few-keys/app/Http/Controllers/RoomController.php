<?php

namespace App\Http\Controllers;

use Illuminate\Support\Facades\Cache;

class RoomController extends Controller
{
    public function index()
    {
        $seen = [];
        foreach (['day', 'week', 'month'] as $span) {
            $seen[$span] = Cache::get("seen.{$span}");
        }

        return view('rooms.index', ['seen' => $seen]);
    }
}
