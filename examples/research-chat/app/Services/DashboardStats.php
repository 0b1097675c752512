<?php

namespace App\Services;

use App\Models\AgentExecution;
use App\Models\ChatSession;
use App\Models\ExecutionMetric;
use App\Models\KnowledgeDocument;
use App\Models\User;
use Illuminate\Support\Facades\Cache;

/** The figures on top of the dashboard. Every key carries the team and the user: counts differ by what one may see. */
class DashboardStats
{
    private const TTL = 120;

    private const FIGURES = ['documents', 'sessions', 'executions', 'latency'];

    /** @return array<string, int> */
    public function for(User $user): array
    {
        $keys = collect(self::FIGURES)->mapWithKeys(fn (string $figure) => [$figure => $this->key($user, $figure)]);
        $cached = Cache::many($keys->values()->all());
        $figures = $missing = [];

        foreach ($keys as $figure => $key) {
            $figures[$figure] = $cached[$key] ?? $missing[$key] = $this->compute($user, $figure);
        }
        if ($missing) {
            Cache::putMany($missing, self::TTL);
        }

        return $figures;
    }

    /**
     * Runs of the team on each of the last 30 days.
     *
     * @return array<string, array{executions: int, failures: int}>
     */
    public function activity(User $user): array
    {
        return Cache::remember("activity:team:{$user->team_id}", self::TTL, function () use ($user) {
            $days = ExecutionMetric::query()
                ->selectRaw('day, sum(executions) as executions, sum(failures) as failures')
                ->where('team_id', $user->team_id)
                ->where('day', '>=', now()->subDays(29)->toDateString())
                ->groupBy('day')
                ->toBase()
                ->get()
                ->keyBy('day');

            return collect(range(29, 0))
                ->map(fn (int $ago) => now()->subDays($ago)->toDateString())
                ->mapWithKeys(fn (string $day) => [$day => [
                    'executions' => (int) ($days[$day]->executions ?? 0),
                    'failures' => (int) ($days[$day]->failures ?? 0),
                ]])
                ->all();
        });
    }

    public function forget(User $user): void
    {
        Cache::deleteMultiple(array_map(fn (string $figure) => $this->key($user, $figure), self::FIGURES));
    }

    private function key(User $user, string $figure): string
    {
        return "stats:team:{$user->team_id}:user:{$user->id}:{$figure}";
    }

    private function compute(User $user, string $figure): int
    {
        $week = now()->subDays(7);

        return match ($figure) {
            'documents' => KnowledgeDocument::browsableBy($user)->count(),
            'sessions' => ChatSession::where('user_id', $user->id)->count(),
            'executions' => AgentExecution::where('team_id', $user->team_id)->where('created_at', '>=', $week)->count(),
            'latency' => (int) AgentExecution::where('team_id', $user->team_id)->where('created_at', '>=', $week)
                ->where('status', 'completed')->avg('duration_ms'),
        };
    }
}
