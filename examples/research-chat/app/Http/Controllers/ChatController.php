<?php

namespace App\Http\Controllers;

use App\Http\Resources\MessageResource;
use App\Models\ChatSession;
use App\Services\PerformanceCacheManager;
use Illuminate\Database\Eloquent\Collection;
use Illuminate\Http\Request;
use Illuminate\View\View;

class ChatController extends Controller
{
    /** Messages that come with the page; older ones are fetched while one scrolls up. */
    private const FIRST = 60;

    public function __construct(private PerformanceCacheManager $cache)
    {
    }

    /** The newest chat, or an empty one that begins with the first message. */
    public function index(Request $request): View
    {
        return $this->page($request, $request->user()->sessions()
            ->select(['id', 'user_id', 'agent_id', 'title'])
            ->latest('last_message_at')
            ->latest('id')
            ->first());
    }

    public function show(Request $request, ChatSession $session): View
    {
        return $this->page($request, $session);
    }

    private function page(Request $request, ?ChatSession $session): View
    {
        $session?->load('agent:id,name');
        $messages = $session ? $this->newest($session) : new Collection;

        return view('chat.show', [
            'session' => $session,
            'sessions' => $this->cache->sessions($request->user()),
            'messages' => MessageResource::collection($messages->take(self::FIRST)->reverse()->values())->resolve(),
            'more' => $messages->count() > self::FIRST,
            'recent' => $session ? [] : $this->cache->recentDocuments($request->user()->team_id),
        ]);
    }

    /** One more than is shown tells whether there are older ones. */
    private function newest(ChatSession $session): Collection
    {
        return $session->messages()
            ->select(['id', 'chat_session_id', 'user_id', 'agent_id', 'role', 'content', 'status', 'created_at'])
            ->with(['author:id,name', 'agent:id,name'])
            ->latest('id')
            ->limit(self::FIRST + 1)
            ->get();
    }
}
