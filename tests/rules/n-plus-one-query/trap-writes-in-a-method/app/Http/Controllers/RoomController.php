<?php

namespace App\Http\Controllers;

use App\Models\Room;
use Illuminate\Http\Request;

class RoomController extends Controller
{
    public function index(Request $request)
    {
        foreach ($request->input('ids', []) as $id) {
            $this->close($id);
        }

        return view('rooms.index');
    }

    private function close(int $id): void
    {
        $room = Room::find($id);
        $room->update(['open' => $room->id > 3]);
    }
}
