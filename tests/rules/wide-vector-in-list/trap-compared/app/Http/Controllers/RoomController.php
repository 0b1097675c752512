<?php

namespace App\Http\Controllers;

use App\Models\Document;

class RoomController extends Controller
{
    public function index()
    {
        $documents = Document::where('status', 'done')->get();
        $near = $documents->sortBy(fn ($document) => $this->distance($document->embedding));

        return view('rooms.index', ['documents' => $near]);
    }
}
