<?php

namespace App\Http\Controllers;

use App\Http\Resources\RoomResource;
use App\Models\Room;

class RoomController extends Controller
{
    public function index()
    {
        return RoomResource::collection(Room::orderBy('name')->paginate(50));
    }
}
