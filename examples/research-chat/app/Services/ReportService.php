<?php

namespace App\Services;

use App\Models\AgentExecution;
use App\Models\ExecutionMetric;
use App\Models\KnowledgeDocument;
use App\Models\User;
use Illuminate\Database\Eloquent\Builder;
use Illuminate\Database\Eloquent\Collection;
use Illuminate\Support\Carbon;
use Illuminate\Support\Facades\Cache;

/** A team's month in figures: added up by the database, kept for ten minutes, served stale while renewed. */
class ReportService
{
    public function month(int $teamId, Carbon $month): array
    {
        return Cache::flexible("report:team:{$teamId}:{$month->format('Y-m')}", [600, 1800], fn () => [
            'types' => $this->executionsByType($teamId, $month),
            'documents' => $this->documentsByStatus($teamId, $month),
            'contributors' => $this->contributors($teamId, $month),
            'agents' => $this->busiestAgents($teamId, $month),
            'totals' => $this->totals($teamId, $month),
        ]);
    }

    public function latestFailures(int $teamId): Collection
    {
        return AgentExecution::query()
            ->select(['id', 'agent_id', 'user_id', 'query', 'error', 'created_at'])
            ->with(['agent:id,name', 'user:id,name'])
            ->where('team_id', $teamId)
            ->where('status', 'failed')
            ->where('created_at', '>=', now()->subDays(30))
            ->latest()
            ->limit(20)
            ->get();
    }

    private function totals(int $teamId, Carbon $month): array
    {
        $runs = AgentExecution::query()
            ->selectRaw('count(*) as executions, avg(duration_ms) as average_ms, max(duration_ms) as slowest_ms, sum(prompt_tokens + completion_tokens) as tokens')
            ->where('team_id', $teamId)
            ->where('created_at', '>=', $month)
            ->where('created_at', '<', $month->copy()->addMonth())
            ->toBase()
            ->first();

        return [
            'executions' => (int) $runs->executions,
            'average_ms' => (int) $runs->average_ms,
            'slowest_ms' => (int) $runs->slowest_ms,
            'tokens' => (int) $runs->tokens,
        ];
    }

    private function executionsByType(int $teamId, Carbon $month): array
    {
        return ExecutionMetric::query()
            ->selectRaw('agent_type, sum(executions) as executions, sum(failures) as failures, sum(duration_ms) as duration_ms, sum(tokens) as tokens')
            ->where('team_id', $teamId)
            ->where('day', '>=', $month->toDateString())
            ->where('day', '<', $month->copy()->addMonth()->toDateString())
            ->groupBy('agent_type')
            ->orderBy('agent_type')
            ->toBase()
            ->get()
            ->map(fn (object $row) => [
                'type' => $row->agent_type,
                'executions' => (int) $row->executions,
                'failures' => (int) $row->failures,
                'average_ms' => (int) ($row->duration_ms / max(1, $row->executions)),
                'tokens' => (int) $row->tokens,
            ])
            ->all();
    }

    private function documentsByStatus(int $teamId, Carbon $month): array
    {
        return KnowledgeDocument::query()
            ->where('team_id', $teamId)
            ->where('created_at', '>=', $month)
            ->where('created_at', '<', $month->copy()->addMonth())
            ->groupBy('status')
            ->selectRaw('status, count(*) as documents, sum(word_count) as words')
            ->toBase()
            ->get()
            ->mapWithKeys(fn (object $row) => [$row->status => ['documents' => (int) $row->documents, 'words' => (int) $row->words]])
            ->all();
    }

    private function contributors(int $teamId, Carbon $month): array
    {
        $inMonth = fn (Builder $rows) => $rows
            ->where('created_at', '>=', $month)
            ->where('created_at', '<', $month->copy()->addMonth());

        return User::query()
            ->select(['id', 'name'])
            ->withCount(['documents' => $inMonth, 'executions' => $inMonth])
            ->where('team_id', $teamId)
            ->orderByDesc('documents_count')
            ->orderBy('name')
            ->limit(10)
            ->get()
            ->map(fn (User $user) => ['name' => $user->name, 'documents' => $user->documents_count, 'executions' => $user->executions_count])
            ->all();
    }

    private function busiestAgents(int $teamId, Carbon $month): array
    {
        $busiest = AgentExecution::query()
            ->selectRaw('agent_id, count(*) as executions, avg(duration_ms) as average_ms')
            ->with('agent:id,name,type')
            ->where('team_id', $teamId)
            ->where('created_at', '>=', $month)
            ->where('created_at', '<', $month->copy()->addMonth())
            ->groupBy('agent_id')
            ->orderByDesc('executions')
            ->limit(8)
            ->get();

        $rows = [];
        foreach ($busiest as $row) {
            $rows[] = [
                'name' => $row->agent->name,
                'type' => $row->agent->type,
                'executions' => (int) $row->executions,
                'average_ms' => (int) $row->average_ms,
            ];
        }

        return $rows;
    }
}
