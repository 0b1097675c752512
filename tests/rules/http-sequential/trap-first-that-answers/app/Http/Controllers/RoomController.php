<?php

namespace App\Http\Controllers;

use Illuminate\Http\Request;
use Illuminate\Support\Facades\Http;

class RoomController extends Controller
{
    public function index(Request $request)
    {
        foreach ($request->input('mirrors', []) as $mirror) {
            $answer = Http::get("https://{$mirror}/state");
            if ($answer->ok()) {
                return view('rooms.index', ['answer' => $answer]);
            }
        }

        return back();
    }
}
