<?php

namespace App\Services;

use App\Events\AgentExecutionCompleted;
use App\Events\AgentExecutionStarted;
use App\Exceptions\AiUnavailable;
use App\Jobs\ProcessExecutionMetrics;
use App\Models\Agent;
use App\Models\AgentExecution;
use App\Models\ChatSession;
use App\Models\User;
use Closure;
use Illuminate\Support\Facades\DB;
use Illuminate\Support\Str;

/**
 * A run is: a row that says "running", the question to the model with no transaction open, and
 * one short transaction that stores the outcome and, when it is committed, queues the metrics.
 */
class PerformantAgentExecutor implements AgentExecutor
{
    public function __construct(private AiClient $ai, private AgentContext $context)
    {
    }

    public function execute(Agent $agent, string $query, ?User $user = null): AgentExecution
    {
        return $this->run($agent, $query, $user, null, fn (array $messages) => $this->ai
            ->chat($agent->model, $messages, $agent->temperature));
    }

    public function stream(Agent $agent, string $query, Closure $onPiece, ?User $user = null, ?ChatSession $session = null): AgentExecution
    {
        return $this->run($agent, $query, $user, $session, fn (array $messages) => $this->ai
            ->stream($agent->model, $messages, $agent->temperature, $onPiece));
    }

    /** @param  Closure(list<array>): array  $ask */
    private function run(Agent $agent, string $query, ?User $user, ?ChatSession $session, Closure $ask): AgentExecution
    {
        $started = hrtime(true);
        $execution = $this->start($agent, $query, $user, $session);

        try {
            $answer = $ask($this->context->messages($agent, $query, $user));
            $outcome = [
                'status' => 'completed',
                'response' => $answer['content'],
                'endpoint' => $answer['endpoint'],
                'prompt_tokens' => $answer['prompt_tokens'],
                'completion_tokens' => $answer['completion_tokens'],
            ];
        } catch (AiUnavailable $exception) {
            $outcome = ['status' => 'failed', 'error' => Str::limit($exception->getMessage(), 480)];
        }

        return $this->finish($agent, $execution, $outcome, (hrtime(true) - $started) / 1e9);
    }

    private function start(Agent $agent, string $query, ?User $user, ?ChatSession $session): AgentExecution
    {
        $execution = AgentExecution::create([
            'team_id' => $agent->team_id,
            'agent_id' => $agent->id,
            'user_id' => $user?->id,
            'chat_session_id' => $session?->id,
            'status' => 'running',
            'query' => $query,
            'started_at' => now(),
        ]);
        AgentExecutionStarted::dispatch($agent, $execution);

        return $execution;
    }

    private function finish(Agent $agent, AgentExecution $execution, array $outcome, float $seconds): AgentExecution
    {
        DB::transaction(function () use ($execution, $outcome, $seconds) {
            $execution->update([...$outcome, 'duration_ms' => (int) round($seconds * 1000), 'completed_at' => now()]);
            ProcessExecutionMetrics::dispatch($execution->id)->afterCommit();
        });
        AgentExecutionCompleted::dispatch($agent, $execution, $outcome['status'], $seconds);

        return $execution;
    }
}
