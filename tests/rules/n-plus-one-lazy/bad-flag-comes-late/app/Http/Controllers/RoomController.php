<?php

namespace App\Http\Controllers;

use App\Models\Room;
use App\Http\Resources\RoomResource;

class RoomController extends Controller
{
    public function index()
    {
        return RoomResource::collection(Room::latest()->paginate(20));
    }
}
