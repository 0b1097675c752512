<?php

namespace App\Services;

use App\Metrics\Metrics;
use App\Models\Agent;
use App\Models\ChatSession;
use App\Models\KnowledgeDocument;
use App\Models\Team;
use App\Models\User;
use App\Repositories\OptimizedKnowledgeRepository;
use App\Support\TaggedCache;
use Closure;
use Illuminate\Support\Collection;

/**
 * Four levels: OPcache holds the code (OpcacheStatus shows it at work), this class the
 * application's data and the results of searches, DocumentFileController's headers let a CDN hold
 * public files.
 *
 * What is stored are arrays, never models, and every key names who may read it: a document of
 * which the viewer may not know is no document, whoever asked first.
 */
class PerformanceCacheManager
{
    private const DOCUMENT_TTL = 3600;

    private const SEARCH_TTL = 600;

    private const SESSIONS_TTL = 1800;

    private const AGENTS_TTL = 1800;

    private const RECENT_TTL = 900;

    private const SESSIONS_SHOWN = 40;

    private const AGENTS_SHOWN = 30;

    private const RECENT_SHOWN = 8;

    public function __construct(
        private TaggedCache $cache,
        private KnowledgeSearchService $search,
        private OptimizedKnowledgeRepository $documents,
        private Metrics $metrics,
    ) {
    }

    /** A document as the viewer sees it, or null where it does not exist for them. */
    public function document(int $id, User $viewer): ?array
    {
        $payload = $this->remember('application', "document:{$id}", self::DOCUMENT_TTL, ["document:{$id}"], fn () => $this->payload(
            KnowledgeDocument::query()
                ->select(['id', 'team_id', 'user_id', 'source_id', 'title', 'description', 'content', 'content_type', 'privacy_level', 'status', 'file_path', 'word_count', 'expires_at', 'created_at', 'updated_at'])
                ->with(['user:id,name', 'source:id,name', 'tags:id,name'])
                ->find($id)
        ));

        return $this->mayRead($payload, $viewer) ? $payload : null;
    }

    public function cacheKnowledgeDocument(KnowledgeDocument $document): void
    {
        $document->loadMissing(['user:id,name', 'source:id,name', 'tags:id,name']);

        $this->cache->put("document:{$document->id}", $this->payload($document), self::DOCUMENT_TTL, ["document:{$document->id}"]);
    }

    /**
     * @return Collection<int, array> the hits, as arrays; kept for this viewer alone
     */
    public function getCachedSearchResults(string $query, array $filters, ?User $viewer): Collection
    {
        ksort($filters);
        $who = $viewer ? "team:{$viewer->team_id}:user:{$viewer->id}" : 'guest';
        $key = "search:{$who}:".hash('xxh128', mb_strtolower(trim($query)).'|'.json_encode($filters));
        $tags = $viewer ? ['search:public', "search:team:{$viewer->team_id}"] : ['search:public'];

        return collect($this->remember('query', $key, self::SEARCH_TTL, $tags, fn () => $this->search
            ->search($query, $filters, $viewer)
            ->map(fn (KnowledgeDocument $document) => $this->hit($document))
            ->all()));
    }

    /** The user's latest sessions, for the sidebar of the chat. */
    public function sessions(User $user): array
    {
        return $this->remember('application', "sessions:user:{$user->id}", self::SESSIONS_TTL, ["sessions:user:{$user->id}"], fn () => $user->sessions()
            ->select(['id', 'user_id', 'agent_id', 'title', 'last_message_at'])
            ->with('agent:id,name')
            ->latest('last_message_at')
            ->latest('id')
            ->limit(self::SESSIONS_SHOWN)
            ->get()
            ->map(fn (ChatSession $session) => $this->sessionRow($session))
            ->all());
    }

    /** The team's active agents, most used first. */
    public function popularAgents(int $teamId): array
    {
        return $this->remember('application', "agents:team:{$teamId}", self::AGENTS_TTL, ["agents:team:{$teamId}"], fn () => Agent::query()
            ->select(['id', 'name', 'type', 'model'])
            ->withCount('executions')
            ->where('team_id', $teamId)
            ->active()
            ->orderByDesc('executions_count')
            ->orderBy('name')
            ->limit(self::AGENTS_SHOWN)
            ->get()
            ->map(fn (Agent $agent) => $this->agentRow($agent))
            ->all());
    }

    /** The newest documents that everyone in the team may read. */
    public function recentDocuments(int $teamId): array
    {
        return $this->remember('application', "recent:team:{$teamId}", self::RECENT_TTL, ["search:team:{$teamId}"], fn () => $this->documents
            ->recentForTeam($teamId, self::RECENT_SHOWN)
            ->map(fn (KnowledgeDocument $document) => $this->recentRow($document))
            ->all());
    }

    /**
     * Documents changed: they and the searches that may have found them go; nothing else does.
     *
     * @param  Collection<int, KnowledgeDocument>  $documents
     */
    public function forgetDocuments(Collection $documents): void
    {
        $this->cache->forgetTags($documents
            ->flatMap(fn (KnowledgeDocument $document) => [
                "document:{$document->id}",
                "search:team:{$document->team_id}",
                in_array('public', [$document->privacy_level, $document->getOriginal('privacy_level')], true) ? 'search:public' : null,
            ])
            ->filter()
            ->unique()
            ->values()
            ->all());
    }

    public function forgetDocument(KnowledgeDocument $document): void
    {
        $this->forgetDocuments(collect([$document]));
    }

    public function forgetSessions(int $userId): void
    {
        $this->cache->forgetTags(["sessions:user:{$userId}"]);
    }

    public function forgetAgents(int $teamId): void
    {
        $this->cache->forgetTags(["agents:team:{$teamId}"]);
    }

    /** Fills what the first page after a deployment would otherwise wait for. */
    public function warmupCriticalCaches(): void
    {
        $this->warmupUserSessions();
        $this->warmupTeams();
    }

    /** A hundred users are two statements: their newest sessions come with them, limited for each user. */
    private function warmupUserSessions(): void
    {
        User::active()
            ->select(['id', 'team_id'])
            ->with(['sessions' => fn ($sessions) => $sessions
                ->select(['id', 'user_id', 'agent_id', 'title', 'last_message_at'])
                ->with('agent:id,name')
                ->latest('last_message_at')
                ->latest('id')
                ->limit(self::SESSIONS_SHOWN)])
            ->chunkById(100, function (Collection $users) {
                $rows = $users->mapWithKeys(fn (User $user) => [
                    "sessions:user:{$user->id}" => $user->sessions->map(fn (ChatSession $session) => $this->sessionRow($session))->all(),
                ])->all();
                $this->cache->putMany($rows, self::SESSIONS_TTL, array_combine(array_keys($rows), array_keys($rows)));
            });
    }

    /** Each team's agents and newest documents, the same as popularAgents() and recentDocuments() would find. */
    private function warmupTeams(): void
    {
        Team::query()
            ->select('id')
            ->with([
                'agents' => fn ($agents) => $agents->select(['id', 'team_id', 'name', 'type', 'model'])->withCount('executions')->active(),
                'documents' => fn ($documents) => $documents
                    ->select(['id', 'team_id', 'user_id', 'title', 'content_type', 'created_at'])
                    ->with('user:id,name')
                    ->where('privacy_level', '!=', 'private')
                    ->latest()
                    ->latest('id')
                    ->limit(self::RECENT_SHOWN),
            ])
            ->chunkById(100, function (Collection $teams) {
                $agents = $documents = $agentTags = $documentTags = [];
                foreach ($teams as $team) {
                    $agents["agents:team:{$team->id}"] = $team->agents
                        ->sortBy([['executions_count', 'desc'], ['name', 'asc']])
                        ->take(self::AGENTS_SHOWN)
                        ->map(fn (Agent $agent) => $this->agentRow($agent))
                        ->values()
                        ->all();
                    $agentTags["agents:team:{$team->id}"] = "agents:team:{$team->id}";
                    $documents["recent:team:{$team->id}"] = $team->documents->map(fn (KnowledgeDocument $document) => $this->recentRow($document))->all();
                    $documentTags["recent:team:{$team->id}"] = "search:team:{$team->id}";
                }
                $this->cache->putMany($agents, self::AGENTS_TTL, $agentTags);
                $this->cache->putMany($documents, self::RECENT_TTL, $documentTags);
            });
    }

    private function remember(string $level, string $key, int $ttl, array $tags, Closure $compute): mixed
    {
        return $this->cache->remember($key, $ttl, $tags, $compute, fn (bool $hit) => $this->metrics
            ->increment('cache_requests_total', 1, ['level' => $level, 'result' => $hit ? 'hit' : 'miss']));
    }

    private function mayRead(?array $payload, User $viewer): bool
    {
        return $payload && match ($payload['privacy_level']) {
            'public' => true,
            'team' => $payload['team_id'] === $viewer->team_id,
            default => $payload['user_id'] === $viewer->id,
        };
    }

    private function payload(?KnowledgeDocument $document): array
    {
        return $document ? [
            'id' => $document->id, 'team_id' => $document->team_id, 'user_id' => $document->user_id,
            'title' => $document->title, 'description' => $document->description, 'content' => $document->content,
            'content_type' => $document->content_type, 'privacy_level' => $document->privacy_level, 'status' => $document->status,
            'word_count' => $document->word_count, 'has_file' => $document->file_path !== null,
            'owner' => $document->user->name, 'source' => $document->source?->name, 'tags' => $document->tags->pluck('name')->all(),
            'expires_at' => $document->expires_at?->toIso8601String(), 'created_at' => $document->created_at->toIso8601String(),
        ] : [];
    }

    private function hit(KnowledgeDocument $document): array
    {
        return [
            'id' => $document->id, 'title' => $document->title, 'description' => $document->description,
            'content_type' => $document->content_type, 'privacy_level' => $document->privacy_level, 'status' => $document->status,
            'owner' => $document->user?->name, 'score' => $document->relevance_score,
            'created_at' => $document->created_at->toIso8601String(),
        ];
    }

    private function agentRow(Agent $agent): array
    {
        return ['id' => $agent->id, 'name' => $agent->name, 'type' => $agent->type, 'model' => $agent->model];
    }

    private function recentRow(KnowledgeDocument $document): array
    {
        return ['id' => $document->id, 'title' => $document->title, 'type' => $document->content_type, 'owner' => $document->user->name];
    }

    private function sessionRow(ChatSession $session): array
    {
        return [
            'id' => $session->id, 'title' => $session->title, 'agent' => $session->agent?->name,
            'last_message_at' => $session->last_message_at?->toIso8601String(),
        ];
    }
}
