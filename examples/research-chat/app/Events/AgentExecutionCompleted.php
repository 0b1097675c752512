<?php

namespace App\Events;

use App\Models\Agent;
use App\Models\AgentExecution;
use Illuminate\Foundation\Events\Dispatchable;

class AgentExecutionCompleted
{
    use Dispatchable;

    /** @param  float  $duration in seconds */
    public function __construct(
        public readonly Agent $agent,
        public readonly AgentExecution $execution,
        public readonly string $status,
        public readonly float $duration,
    ) {
    }
}
