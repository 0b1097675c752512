<?php

namespace App\Http\Middleware;

use App\Models\Team;
use Closure;
use Illuminate\Http\Request;
use Illuminate\Support\Facades\Cache;
use Illuminate\Support\Facades\View;
use Symfony\Component\HttpFoundation\Response;

/** Gives every page the team's name, plan and settings: one cached lookup, keyed by the team. */
class ShareTeamSettings
{
    public function handle(Request $request, Closure $next): Response
    {
        if ($user = $request->user()) {
            View::share('team', $this->team($user->team_id));
        }

        return $next($request);
    }

    private function team(int $teamId): array
    {
        return Cache::remember("team:{$teamId}:settings", 600, fn () => Team::query()
            ->select(['id', 'name', 'plan', 'settings'])
            ->findOrFail($teamId)
            ->toArray());
    }
}
