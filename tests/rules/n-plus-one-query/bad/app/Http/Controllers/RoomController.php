<?php

namespace App\Http\Controllers;

use App\Models\Room;
use Illuminate\Http\Request;

class RoomController extends Controller
{
    public function index(Request $request)
    {
        $names = [];
        foreach ($request->input('ids', []) as $id) {
            $names[] = Room::find($id)?->name;
        }

        return view('rooms.index', ['names' => $names]);
    }
}
