<?php

namespace Database\Seeders;

use Illuminate\Database\Seeder;
use Illuminate\Support\Carbon;
use Illuminate\Support\Facades\DB;

class ExecutionSeeder extends Seeder
{
    private const CHUNK = 500;

    public function run(SeedPlan $plan): void
    {
        mt_srand(55);
        $agents = DB::table('agents')->orderBy('id')->get(['id', 'team_id', 'type'])->keyBy('id');
        $members = DB::table('users')->where('id', '!=', 2)->orderBy('id')->get(['id', 'team_id'])->groupBy('team_id')
            ->map(fn ($rows) => $rows->pluck('id')->all())->all();

        $rows = $metrics = [];
        foreach ($this->moments($plan) as $index => $at) {
            // Skew: the first agent of team 1 runs most.
            $agent = $agents[mt_rand(1, 100) <= 25 ? 1 : mt_rand(1, $plan->agents)];
            $row = $this->execution($index + 1, $at, $agent, $members[$agent->team_id]);
            $rows[] = $row;
            $this->count($metrics, $row, $agent);
        }
        foreach (array_chunk($rows, self::CHUNK) as $chunk) {
            DB::table('agent_executions')->insert($chunk);
        }
        foreach (array_chunk(array_values($metrics), self::CHUNK) as $chunk) {
            DB::table('execution_metrics')->insert($chunk);
        }

        SequenceReset::run(['agent_executions']);
    }

    /** When each run was, oldest first: ids follow time. */
    private function moments(SeedPlan $plan): array
    {
        $moments = array_map(fn () => $plan->moment(60), range(1, $plan->executions));
        sort($moments);

        return $moments;
    }

    private function execution(int $id, Carbon $at, object $agent, array $members): array
    {
        $draw = mt_rand(1, 100);
        $status = $draw <= 92 ? 'completed' : ($draw <= 98 ? 'failed' : 'pending');
        $duration = mt_rand(350, 1900) + ($draw % 11 === 0 ? mt_rand(500, 6000) : 0);

        return [
            'id' => $id, 'team_id' => $agent->team_id, 'agent_id' => $agent->id,
            'user_id' => mt_rand(1, 10) <= 4 ? $members[0] : $members[mt_rand(0, count($members) - 1)],
            'chat_session_id' => null, 'status' => $status, 'query' => Prose::question(),
            'response' => $status === 'completed' ? Prose::paragraph(6) : null,
            'endpoint' => $status === 'pending' ? null : (mt_rand(1, 20) === 1 ? 'fallback' : 'primary'),
            'duration_ms' => $status === 'pending' ? null : $duration,
            'prompt_tokens' => mt_rand(200, 1500), 'completion_tokens' => $status === 'completed' ? mt_rand(60, 600) : 0,
            'error' => $status === 'failed' ? 'The model endpoint answered 503.' : null,
            'started_at' => $at, 'completed_at' => $status === 'pending' ? null : $at->copy()->addMilliseconds($duration),
            'created_at' => $at, 'updated_at' => $at,
        ];
    }

    private function count(array &$metrics, array $row, object $agent): void
    {
        if ($row['status'] === 'pending') {
            return;
        }
        $day = $row['created_at']->toDateString();
        $metric = &$metrics["{$row['team_id']}|{$day}|{$agent->type}"];
        $metric ??= [
            'team_id' => $row['team_id'], 'agent_type' => $agent->type, 'day' => $day, 'executions' => 0, 'failures' => 0,
            'duration_ms' => 0, 'tokens' => 0, 'created_at' => $row['created_at'], 'updated_at' => $row['created_at'],
        ];
        $metric['executions']++;
        $metric['failures'] += (int) ($row['status'] === 'failed');
        $metric['duration_ms'] += $row['duration_ms'];
        $metric['tokens'] += $row['prompt_tokens'] + $row['completion_tokens'];
    }
}
