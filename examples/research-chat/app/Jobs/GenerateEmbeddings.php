<?php

namespace App\Jobs;

use App\Services\OptimizedEmbeddingGenerator;
use Illuminate\Contracts\Queue\ShouldBeUnique;
use Illuminate\Contracts\Queue\ShouldQueue;
use Illuminate\Foundation\Queue\Queueable;

/** Embeds what a team's documents lack. Many edits in a row are one job. */
class GenerateEmbeddings implements ShouldBeUnique, ShouldQueue
{
    use Queueable;

    public int $tries = 3;

    public int $timeout = 110;

    public int $uniqueFor = 120;

    /** @var list<int> */
    public array $backoff = [5, 30];

    public function __construct(public readonly int $teamId)
    {
    }

    public function uniqueId(): string
    {
        return (string) $this->teamId;
    }

    public function handle(OptimizedEmbeddingGenerator $generator): void
    {
        $generator->generatePending($this->teamId);
    }
}
