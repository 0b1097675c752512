<?php

namespace App\Http\Controllers;

use App\Models\Room;
use Illuminate\Http\Request;

class RoomController extends Controller
{
    public function index(Request $request)
    {
        $rows = [];
        foreach (collect($request->input('ids'))->chunk(500) as $ids) {
            $rows[] = Room::whereIn('id', $ids)->get();
        }

        return view('rooms.index', ['rows' => $rows]);
    }
}
