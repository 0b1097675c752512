<?php

namespace App\Events;

use App\Models\Agent;
use App\Models\AgentExecution;
use Illuminate\Foundation\Events\Dispatchable;

class AgentExecutionStarted
{
    use Dispatchable;

    public function __construct(public readonly Agent $agent, public readonly AgentExecution $execution)
    {
    }
}
