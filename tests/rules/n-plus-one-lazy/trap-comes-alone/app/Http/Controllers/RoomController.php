<?php

namespace App\Http\Controllers;

use App\Models\Room;
use Illuminate\Http\Request;

class RoomController extends Controller
{
    public function index(Request $request)
    {
        $lines = [];
        foreach ($request->input('ids', []) as $id) {
            $lines[] = $this->byId($id)->owner->name;
        }

        return view('rooms.index', ['lines' => $lines]);
    }

    private function byId(int $id): Room
    {
        return Room::where('open', true)->findOrFail($id);
    }
}
