<?php

namespace App\Http\Controllers;

use Illuminate\Http\Request;
use OpenAI\Laravel\Facades\OpenAI;

class RoomController extends Controller
{
    public function store(Request $request)
    {
        $answer = OpenAI::chat()->create([
            'model' => 'small',
            'messages' => [['role' => 'user', 'content' => $request->input('text')]],
        ]);

        return back()->with('answer', $answer);
    }
}
