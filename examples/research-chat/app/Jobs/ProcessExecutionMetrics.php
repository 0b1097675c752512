<?php

namespace App\Jobs;

use App\Models\AgentExecution;
use App\Models\ExecutionMetric;
use Illuminate\Contracts\Queue\ShouldQueue;
use Illuminate\Foundation\Queue\Queueable;
use Illuminate\Support\Facades\DB;

/** Adds one finished run to its team's day. Carries an id, no model. */
class ProcessExecutionMetrics implements ShouldQueue
{
    use Queueable;

    public int $tries = 3;

    public int $timeout = 30;

    /** @var list<int> */
    public array $backoff = [2, 10];

    public function __construct(public readonly int $executionId)
    {
    }

    public function handle(): void
    {
        $execution = AgentExecution::query()
            ->select(['id', 'team_id', 'agent_id', 'status', 'duration_ms', 'prompt_tokens', 'completion_tokens', 'created_at'])
            ->with('agent:id,type')
            ->find($this->executionId);
        if (! $execution) {
            return;
        }

        ExecutionMetric::upsert([[
            'team_id' => $execution->team_id,
            'agent_type' => $execution->agent->type,
            'day' => $execution->created_at->toDateString(),
            'executions' => 1,
            'failures' => (int) ($execution->status === 'failed'),
            'duration_ms' => (int) $execution->duration_ms,
            'tokens' => $execution->prompt_tokens + $execution->completion_tokens,
        ]], ['team_id', 'day', 'agent_type'], [
            'executions' => $this->plus('executions'),
            'failures' => $this->plus('failures'),
            'duration_ms' => $this->plus('duration_ms'),
            'tokens' => $this->plus('tokens'),
            'updated_at' => now(),
        ]);
    }

    private function plus(string $column): mixed
    {
        $new = in_array(DB::getDriverName(), ['mysql', 'mariadb'], true) ? "values({$column})" : "excluded.{$column}";

        return DB::raw("execution_metrics.{$column} + {$new}");
    }
}
