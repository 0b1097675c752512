<?php

namespace App\Http\Controllers;

use App\Models\Document;
use Illuminate\Http\Request;

class RoomController extends Controller
{
    public function index(Request $request)
    {
        $document = Document::latest()->get()->firstWhere('title', $request->input('q'));

        return view('rooms.index', ['lines' => [$document?->body]]);
    }
}
