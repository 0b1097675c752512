<?php

namespace App\Http\Controllers\Api;

use App\Http\Controllers\Controller;
use App\Http\Resources\AgentResource;
use App\Http\Resources\ExecutionResource;
use App\Jobs\RunAgent;
use App\Models\Agent;
use Illuminate\Http\JsonResponse;
use Illuminate\Http\Request;
use Illuminate\Http\Resources\Json\AnonymousResourceCollection;

class AgentController extends Controller
{
    public function index(Request $request): AnonymousResourceCollection
    {
        $agents = Agent::query()
            ->select(['id', 'user_id', 'name', 'type', 'model'])
            ->with(['owner:id,name', 'tools:id,slug'])
            ->withCount(['executions', 'executions as completed_count' => fn ($runs) => $runs->where('status', 'completed')])
            ->where('team_id', $request->user()->team_id)
            ->orderBy('name')
            ->limit(100)
            ->get();

        return AgentResource::collection($agents);
    }

    public function executions(Agent $agent): AnonymousResourceCollection
    {
        $executions = $agent->executions()
            ->select(['id', 'agent_id', 'user_id', 'status', 'query', 'duration_ms', 'prompt_tokens', 'completion_tokens', 'created_at'])
            ->with(['user:id,team_id,name', 'user.team:id,name'])
            ->latest()
            ->latest('id')
            ->simplePaginate(50);

        return ExecutionResource::collection($executions);
    }

    /** Queues the run; the answer appears among the executions. */
    public function run(Request $request, Agent $agent): JsonResponse
    {
        $validated = $request->validate(['query' => ['required', 'string', 'max:4000']]);
        RunAgent::dispatch($agent->id, $request->user()->id, $validated['query']);

        return response()->json(['queued' => true], 202);
    }
}
