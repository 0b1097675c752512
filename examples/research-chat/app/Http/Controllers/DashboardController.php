<?php

namespace App\Http\Controllers;

use App\Models\Agent;
use App\Models\AgentExecution;
use App\Models\KnowledgeDocument;
use App\Services\DashboardStats;
use Illuminate\Http\Request;
use Illuminate\View\View;

class DashboardController extends Controller
{
    public function __invoke(Request $request, DashboardStats $stats): View
    {
        $user = $request->user();

        $executions = AgentExecution::query()
            ->select(['id', 'agent_id', 'user_id', 'status', 'query', 'duration_ms', 'created_at'])
            ->with(['agent:id,name,type', 'user:id,name'])
            ->where('team_id', $user->team_id)
            ->latest()
            ->limit(12)
            ->get();

        $documents = KnowledgeDocument::query()
            ->select(['id', 'team_id', 'user_id', 'title', 'description', 'content_type', 'privacy_level', 'status', 'word_count', 'created_at'])
            ->with(['user:id,name', 'tags:id,name'])
            ->browsableBy($user)
            ->latest()
            ->latest('id')
            ->limit(6)
            ->get();

        $agents = Agent::query()
            ->select(['id', 'name', 'type', 'model'])
            ->withLastExecution()
            ->with(['lastExecution:id,user_id,status,created_at', 'lastExecution.user:id,name'])
            ->where('team_id', $user->team_id)
            ->active()
            ->orderBy('name')
            ->limit(8)
            ->get();

        return view('dashboard', [
            'stats' => $stats->for($user),
            'activity' => $stats->activity($user),
            'executions' => $executions,
            'documents' => $documents,
            'agents' => $agents,
        ]);
    }
}
