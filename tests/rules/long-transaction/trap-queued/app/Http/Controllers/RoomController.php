<?php

namespace App\Http\Controllers;

use App\Jobs\AskModel;
use App\Models\Room;
use Illuminate\Http\Request;
use Illuminate\Support\Facades\DB;

class RoomController extends Controller
{
    public function store(Request $request)
    {
        DB::transaction(function () use ($request) {
            $room = Room::create($request->only('name'));
            AskModel::dispatch($room->id)->afterCommit();
        });

        return back();
    }
}
