<?php

namespace App\Http\Controllers;

use App\Models\Note;

class RoomController extends Controller
{
    public function index()
    {
        $notes = Note::latest()->paginate(50);

        return view('notes', ['notes' => $notes]);
    }
}
