<?php

namespace App\Http\Controllers;

use App\Models\ChatMessage;
use App\Models\ChatSession;
use App\Services\ChatStream;
use Generator;
use Illuminate\Http\Request;
use Illuminate\Http\StreamedEvent;
use Symfony\Component\HttpFoundation\StreamedResponse;

/**
 * Server-sent events of one answer while the worker writes it: "delta" with the new text, then
 * "done" with the whole. The model is called by the worker, never here.
 */
class ChatStreamController extends Controller
{
    private const LONGEST_SECONDS = 50;

    private const POLL_US = 120_000;

    public function __invoke(Request $request, ChatSession $session, ChatStream $stream): StreamedResponse
    {
        $answer = $session->messages()
            ->select(['id', 'content', 'status'])
            ->where('role', 'assistant')
            ->when($request->integer('message'), fn ($messages, int $id) => $messages->whereKey($id))
            ->latest('id')
            ->first();

        return response()->eventStream(fn () => $answer && $answer->status === 'pending'
            ? $this->follow($answer->id, $stream)
            : $this->whole($answer), endStreamWith: null);
    }

    private function whole(?ChatMessage $answer): Generator
    {
        yield new StreamedEvent('done', ['id' => $answer?->id, 'text' => $answer?->content, 'status' => $answer?->status]);
    }

    private function follow(int $answerId, ChatStream $stream): Generator
    {
        $sent = 0;
        $until = time() + self::LONGEST_SECONDS;

        while (time() < $until && ! connection_aborted()) {
            $state = $stream->read($answerId);
            if ($state && $state['done']) {
                yield new StreamedEvent('done', ['id' => $answerId, 'text' => $state['text'], 'status' => 'complete']);

                return;
            }
            if ($state && strlen($state['text']) > $sent) {
                yield new StreamedEvent('delta', ['id' => $answerId, 'text' => substr($state['text'], $sent)]);
                $sent = strlen($state['text']);
            }
            usleep(self::POLL_US);
        }

        yield new StreamedEvent('wait', ['id' => $answerId]);
    }
}
