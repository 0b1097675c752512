<?php

namespace App\Http\Controllers;

use App\Repositories\RoomRepository;
use Illuminate\Http\Request;

class RoomController extends Controller
{
    public function __construct(private RoomRepository $rooms) {}

    public function index(Request $request)
    {
        $lines = [];
        foreach ($request->input('ids', []) as $id) {
            $lines[] = $this->rooms->byId($id)->name;
        }

        return view('rooms.index', ['lines' => $lines]);
    }
}
