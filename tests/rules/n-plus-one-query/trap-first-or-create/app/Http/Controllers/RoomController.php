<?php

namespace App\Http\Controllers;

use App\Models\Tag;
use Illuminate\Http\Request;

class RoomController extends Controller
{
    public function store(Request $request)
    {
        foreach ($request->input('tags', []) as $name) {
            Tag::firstOrCreate(['name' => $name]);
        }

        return back();
    }
}
