<?php

namespace App\Http\Controllers;

use App\Models\Document;

class RoomController extends Controller
{
    public function index()
    {
        $documents = Document::where('status', 'done')->get();

        return view('rooms.index', ['documents' => $documents]);
    }
}
