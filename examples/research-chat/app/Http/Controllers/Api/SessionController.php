<?php

namespace App\Http\Controllers\Api;

use App\Http\Controllers\Controller;
use App\Http\Resources\MessageResource;
use App\Http\Resources\SessionResource;
use App\Models\ChatSession;
use Illuminate\Http\Request;
use Illuminate\Http\Resources\Json\AnonymousResourceCollection;

class SessionController extends Controller
{
    public function index(Request $request): AnonymousResourceCollection
    {
        $sessions = $request->user()->sessions()
            ->select(['id', 'user_id', 'agent_id', 'title', 'last_message_id', 'last_message_at'])
            ->with(['agent:id,name', 'lastMessage:id,content'])
            ->withCount('messages')
            ->latest('last_message_at')
            ->latest('id')
            ->cursorPaginate(50);

        return SessionResource::collection($sessions);
    }

    public function show(ChatSession $session): SessionResource
    {
        return new SessionResource($session->load(['agent:id,name', 'lastMessage:id,content'])->loadCount('messages'));
    }

    /** Messages before a given one, oldest first: what the chat asks for while one scrolls up. */
    public function messages(Request $request, ChatSession $session): AnonymousResourceCollection
    {
        $limit = min(200, max(1, $request->integer('limit', 100)));

        $messages = $session->messages()
            ->select(['id', 'chat_session_id', 'user_id', 'agent_id', 'role', 'content', 'status', 'created_at'])
            ->with(['author:id,name', 'agent:id,name'])
            ->when($request->integer('before'), fn ($older, int $before) => $older->where('id', '<', $before))
            ->latest('id')
            ->limit($limit + 1)
            ->get();

        return MessageResource::collection($messages->take($limit)->reverse()->values())
            ->additional(['more' => $messages->count() > $limit]);
    }
}
