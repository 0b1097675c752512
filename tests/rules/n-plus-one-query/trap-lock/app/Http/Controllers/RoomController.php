<?php

namespace App\Http\Controllers;

use App\Models\Room;
use Illuminate\Http\Request;

class RoomController extends Controller
{
    public function index(Request $request)
    {
        $sum = 0;
        foreach ($request->input('ids', []) as $id) {
            $sum += Room::lockForUpdate()->find($id)->open;
        }

        return view('rooms.index', ['sum' => $sum]);
    }
}
