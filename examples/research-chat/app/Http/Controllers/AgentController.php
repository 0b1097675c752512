<?php

namespace App\Http\Controllers;

use App\Models\Agent;
use Illuminate\View\View;

class AgentController extends Controller
{
    public function index(): View
    {
        return view('agents.index');
    }

    public function show(Agent $agent): View
    {
        $agent->load(['owner:id,name', 'tools:id,name,description', 'knowledgeDocuments:id,title,content_type'])
            ->loadCount(['executions', 'executions as completed_count' => fn ($runs) => $runs->where('status', 'completed')])
            ->loadAvg(['executions as average_ms' => fn ($runs) => $runs->where('status', 'completed')], 'duration_ms');

        return view('agents.show', compact('agent'));
    }
}
