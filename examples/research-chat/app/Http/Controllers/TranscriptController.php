<?php

namespace App\Http\Controllers;

use App\Models\ChatSession;
use Illuminate\View\View;

/** A chat as plain text to read or print, 200 messages a page. */
class TranscriptController extends Controller
{
    private const PER_PAGE = 200;

    public function __invoke(ChatSession $session): View
    {
        $messages = $session->messages()
            ->select(['id', 'user_id', 'agent_id', 'role', 'content', 'created_at'])
            ->with(['author:id,name', 'agent:id,name'])
            ->orderBy('id')
            ->simplePaginate(self::PER_PAGE);

        return view('chat.transcript', compact('session', 'messages'));
    }
}
