<?php

namespace App\Http\Controllers;

use App\Models\Tag;
use Illuminate\Http\Request;

class RoomController extends Controller
{
    public function index(Request $request)
    {
        $tags = Tag::get();
        $found = [];
        foreach ($request->input('names', []) as $name) {
            $found[] = $tags->where('name', $name)->first();
        }

        return view('rooms.index', ['found' => $found]);
    }
}
