<?php

namespace App\Services;

use Illuminate\Support\Facades\Cache;

/**
 * An answer while it is being written: the worker appends, the page's event stream reads. Written
 * at most ten times a second, whatever the model's pace.
 */
class ChatStream
{
    private const TTL = 300;

    private const INTERVAL_NS = 100_000_000;

    /** @var array<int, array{string, int}> text so far and when it was last written, by message */
    private array $open = [];

    public function open(int $messageId): void
    {
        $this->open[$messageId] = ['', 0];
        $this->write($messageId, '', false);
    }

    public function append(int $messageId, string $piece): void
    {
        [$text, $written] = $this->open[$messageId] ?? ['', 0];
        $text .= $piece;
        $now = hrtime(true);
        if ($now - $written >= self::INTERVAL_NS) {
            $this->write($messageId, $text, false);
            $written = $now;
        }
        $this->open[$messageId] = [$text, $written];
    }

    public function close(int $messageId, string $text): void
    {
        unset($this->open[$messageId]);
        $this->write($messageId, $text, true);
    }

    /** @return array{text: string, done: bool}|null */
    public function read(int $messageId): ?array
    {
        return Cache::get("chat-stream:{$messageId}");
    }

    private function write(int $messageId, string $text, bool $done): void
    {
        Cache::put("chat-stream:{$messageId}", compact('text', 'done'), self::TTL);
    }
}
