<?php

namespace App\Services;

use App\Models\Agent;
use App\Models\AgentExecution;
use App\Models\ChatSession;
use App\Models\User;
use Closure;

interface AgentExecutor
{
    /** Runs the agent on a question and waits for the answer; a failure is recorded, not thrown. */
    public function execute(Agent $agent, string $query, ?User $user = null): AgentExecution;

    /**
     * The same, with the answer in pieces.
     *
     * @param  Closure(string $piece): void  $onPiece
     */
    public function stream(Agent $agent, string $query, Closure $onPiece, ?User $user = null, ?ChatSession $session = null): AgentExecution;
}
