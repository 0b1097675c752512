<?php

namespace App\Http\Controllers;

use Illuminate\Http\Request;

class RoomController extends Controller
{
    public function index(Request $request)
    {
        $n = collect($request->input('ids'))->count();

        return view('rooms.index', ['n' => $n]);
    }
}
