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
            ->limit(30)
            ->get()
            ->map(fn (Agent $agent) => ['id' => $agent->id, 'name' => $agent->name, 'type' => $agent->type, 'model' => $agent->model])
            ->all());
    }

    /** The newest documents that everyone in the team may read. */
    public function recentDocuments(int $teamId): array
    {
        return $this->remember('application', "recent:team:{$teamId}", self::RECENT_TTL, ["search:team:{$teamId}"], fn () => $this->documents
            ->recentForTeam($teamId)
            ->map(fn (KnowledgeDocument $document) => [
                'id' => $document->id, 'title' => $document->title, 'type' => $document->content_type, 'owner' => $document->user->name,
            ])
            ->all());
    }

    /** A document changed: it and the searches that may have found it go; nothing else does. */
    public function forgetDocument(KnowledgeDocument $document): void
    {
        $this->cache->forgetTag("document:{$document->id}");
        $this->cache->forgetTag("search:team:{$document->team_id}");

        if (in_array('public', [$document->privacy_level, $document->getOriginal('privacy_level')], true)) {
            $this->cache->forgetTag('search:public');
        }
    }

    public function forgetSessions(int $userId): void
    {
        $this->cache->forgetTag("sessions:user:{$userId}");
    }

    public function forgetAgents(int $teamId): void
    {
        $this->cache->forgetTag("agents:team:{$teamId}");
    }

    /** Fills what the first page after a deployment would otherwise wait for. */
    public function warmupCriticalCaches(): void
    {
        $this->warmupUserSessions();

        foreach (Team::query()->pluck('id') as $teamId) {
            $this->popularAgents($teamId);
            $this->recentDocuments($teamId);
        }
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
                foreach ($users as $user) {
                    $rows = $user->sessions->map(fn (ChatSession $session) => $this->sessionRow($session))->all();
                    $this->cache->put("sessions:user:{$user->id}", $rows, self::SESSIONS_TTL, ["sessions:user:{$user->id}"]);
                }
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

    private function sessionRow(ChatSession $session): array
    {
        return [
            'id' => $session->id, 'title' => $session->title, 'agent' => $session->agent?->name,
            'last_message_at' => $session->last_message_at?->toIso8601String(),
        ];
    }
}
