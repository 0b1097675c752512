<?php

namespace App\Http\Controllers;

use Illuminate\Support\Facades\Http;

class RoomController extends Controller
{
    public function index()
    {
        $replies = [];
        foreach (['primary' => config('hosts.primary'), 'spare' => config('hosts.spare'), 'search' => config('hosts.search')] as $name => $host) {
            $replies[$name] = Http::timeout(4)->get("{$host}/health");
        }

        return view('rooms.index', ['replies' => $replies]);
    }
}
