<?php

namespace App\Jobs;

use App\Models\Agent;
use App\Models\User;
use App\Services\AgentExecutor;
use Illuminate\Contracts\Queue\ShouldQueue;
use Illuminate\Foundation\Queue\Queueable;

/** One question to one agent, asked over the API. */
class RunAgent implements ShouldQueue
{
    use Queueable;

    public int $tries = 1;

    public int $timeout = 90;

    public function __construct(
        public readonly int $agentId,
        public readonly int $userId,
        public readonly string $question,
    ) {
    }

    public function handle(AgentExecutor $executor): void
    {
        $executor->execute(Agent::findOrFail($this->agentId), $this->question, User::find($this->userId));
    }
}
