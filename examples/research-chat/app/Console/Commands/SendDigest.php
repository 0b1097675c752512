<?php

namespace App\Console\Commands;

use App\Models\Team;
use App\Models\User;
use App\Notifications\WeeklyDigest;
use Illuminate\Console\Command;

class SendDigest extends Command
{
    protected $signature = 'research:digest {--team=}';

    protected $description = 'Queues each active member a summary of the team\'s week';

    public function handle(): int
    {
        $week = now()->subWeek();

        $teams = Team::query()
            ->select(['id', 'name', 'settings'])
            ->withCount([
                'documents' => fn ($documents) => $documents->where('created_at', '>=', $week),
                'executions' => fn ($executions) => $executions->where('agent_executions.created_at', '>=', $week),
            ])
            ->with(['users' => fn ($users) => $users->select(['id', 'team_id', 'name', 'email'])->active()])
            ->when($this->option('team'), fn ($query, string $id) => $query->whereKey($id))
            ->get();

        foreach ($teams as $team) {
            if (! ($team->settings['weekly_digest'] ?? true)) {
                continue;
            }
            $team->users->each(fn (User $user) => $user->notify(new WeeklyDigest($team->name, $team->documents_count, $team->executions_count)));
            $this->line("{$team->name}: {$team->users->count()} members, {$team->documents_count} documents, {$team->executions_count} runs");
        }

        return self::SUCCESS;
    }
}
