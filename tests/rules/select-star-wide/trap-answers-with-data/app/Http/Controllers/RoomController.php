<?php

namespace App\Http\Controllers;

use App\Models\Document;

class RoomController extends Controller
{
    public function index()
    {
        return response()->json(Document::where('status', 'done')->get());
    }
}
