<?php

namespace App\Jobs;

use App\Models\ChatMessage;
use App\Services\AgentExecutor;
use App\Services\ChatStream;
use Illuminate\Contracts\Queue\ShouldQueue;
use Illuminate\Foundation\Queue\Queueable;
use Throwable;

/** Lets the agent answer; the pieces go to the stream that the page listens to, the whole to the message. */
class ProcessChatMessage implements ShouldQueue
{
    use Queueable;

    public int $tries = 1;

    public int $timeout = 90;

    /** @param  int  $answerId the assistant's message, still empty */
    public function __construct(public readonly int $answerId, public readonly string $question)
    {
    }

    public function handle(AgentExecutor $executor, ChatStream $stream): void
    {
        $answer = ChatMessage::with(['session', 'session.user', 'agent'])->findOrFail($this->answerId);
        $session = $answer->session;

        $stream->open($answer->id);
        $execution = $executor->stream($answer->agent, $this->question, fn (string $piece) => $stream
            ->append($answer->id, $piece), $session->user, $session);

        $failed = $execution->status === 'failed';
        $answer->update([
            'content' => $failed ? 'The model could not be reached. Try again in a moment.' : $execution->response,
            'status' => $failed ? 'failed' : 'complete',
            'tokens' => (int) $execution->completion_tokens,
        ]);
        $stream->close($answer->id, $answer->content);
    }

    public function failed(?Throwable $exception): void
    {
        ChatMessage::whereKey($this->answerId)->update(['status' => 'failed', 'content' => 'The answer failed.']);
        app(ChatStream::class)->close($this->answerId, 'The answer failed.');
    }
}
