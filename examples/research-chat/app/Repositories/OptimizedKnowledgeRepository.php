<?php

namespace App\Repositories;

use App\Models\KnowledgeDocument;
use App\Models\User;
use App\Support\Relevance;
use App\Support\SearchIndex;
use App\Support\SearchTerms;
use Illuminate\Database\Eloquent\Builder;
use Illuminate\Database\Eloquent\Collection;
use Illuminate\Support\Facades\DB;

/**
 * Finding documents, and changing many at once. A search is two statements whatever the limit:
 * the candidates from the engine's full-text index, and their owners.
 */
class OptimizedKnowledgeRepository
{
    /** Candidates that are ranked for each hit that is wanted. */
    private const CANDIDATES = 4;

    /** What findRelevantDocuments() filters on; the Meilisearch index declares the same. */
    public const FILTERS = ['user_id', 'team_id', 'privacy_level', 'content_type', 'status', 'created_from', 'created_before'];

    /**
     * The documents that match best, with their score as relevance_score. Without a viewer only
     * public ones. $filters: user_id, team_id, privacy_level, content_type, status,
     * created_from and created_before (half-open), match ("all" words, the default, or "any").
     */
    public function findRelevantDocuments(string $query, int $limit = 10, array $filters = [], ?User $viewer = null): Collection
    {
        $terms = SearchTerms::of($query);
        if ($terms === []) {
            return new Collection;
        }
        $all = ($filters['match'] ?? 'all') === 'all';

        $candidates = KnowledgeDocument::query()
            ->select(['knowledge_documents.id', 'user_id', 'knowledge_documents.title', 'knowledge_documents.description', 'content_type', 'privacy_level', 'status', 'word_count', 'created_at'])
            ->tap(fn (Builder $documents) => SearchIndex::for(DB::connection())->match($documents->getQuery(), $terms, $all))
            ->tap(fn (Builder $documents) => $this->filter($documents, $filters, $viewer))
            ->tap(fn (Builder $documents) => $this->mostMentionsFirst($documents, $terms))
            ->latest()
            ->latest('knowledge_documents.id')
            ->limit(max(200, self::CANDIDATES * $limit))
            ->get();

        return $this->best($candidates, $terms, $all, $limit)->load('user:id,name');
    }

    /** @return int how many rows changed */
    public function bulkUpdateStatus(array $documentIds, string $status): int
    {
        return KnowledgeDocument::whereIn('id', $documentIds)
            ->update([
                'status' => $status,
                'updated_at' => now(),
            ]);
    }

    /** Archives what has expired; naming the types lets it read a few ranges of their index instead of the table. */
    public function archiveExpired(): int
    {
        return KnowledgeDocument::query()
            ->whereIn('content_type', KnowledgeDocument::TYPES)
            ->where('expires_at', '<', now())
            ->where('status', '!=', 'archived')
            ->update(['status' => 'archived']);
    }

    /** Drafts that nobody touched for a year. */
    public function archiveForgottenDrafts(): int
    {
        return KnowledgeDocument::query()
            ->where('status', 'draft')
            ->where('created_at', '<', now()->subYear())
            ->update(['status' => 'archived']);
    }

    /** A user's own documents by privacy level. @return array<string, int> */
    public function countByPrivacy(User $user): array
    {
        return $user->documents()
            ->selectRaw('privacy_level, count(*) as documents')
            ->groupBy('privacy_level')
            ->pluck('documents', 'privacy_level')
            ->all();
    }

    /** The newest documents that a whole team may read. */
    public function recentForTeam(int $teamId, int $limit = 8): Collection
    {
        return KnowledgeDocument::query()
            ->select(['id', 'user_id', 'title', 'content_type', 'created_at'])
            ->with('user:id,name')
            ->where('team_id', $teamId)
            ->where('privacy_level', '!=', 'private')
            ->latest()
            ->latest('id')
            ->limit($limit)
            ->get();
    }

    private function filter(Builder $documents, array $filters, ?User $viewer): void
    {
        $documents
            ->where(fn (Builder $visible) => $visible
                ->where('privacy_level', 'public')
                ->when($viewer, fn (Builder $own) => $own
                    ->orWhere(fn (Builder $team) => $team->where('privacy_level', 'team')->where('team_id', $viewer->team_id))
                    ->orWhere('user_id', $viewer->id)))
            ->where(fn (Builder $current) => $current->whereNull('expires_at')->orWhere('expires_at', '>', now()))
            ->when($filters['user_id'] ?? null, fn (Builder $q, int $userId) => $q->where('user_id', $userId))
            ->when($filters['team_id'] ?? null, fn (Builder $q, int $teamId) => $q->where('team_id', $teamId))
            ->when($filters['privacy_level'] ?? null, fn (Builder $q, string $level) => $q->where('privacy_level', $level))
            ->when($filters['content_type'] ?? null, fn (Builder $q, string $type) => $q->where('content_type', $type))
            ->when($filters['status'] ?? null, fn (Builder $q, string $status) => $q->where('status', $status))
            ->when($filters['created_from'] ?? null, fn (Builder $q, $from) => $q->where('created_at', '>=', $from))
            ->when($filters['created_before'] ?? null, fn (Builder $q, $before) => $q->where('created_at', '<', $before));
    }

    /** @param  list<string>  $terms */
    private function best(Collection $candidates, array $terms, bool $all, int $limit): Collection
    {
        $scores = Relevance::score($terms, $candidates, $all);

        return $candidates
            ->filter(fn (KnowledgeDocument $document) => isset($scores[$document->id]))
            ->each(fn (KnowledgeDocument $document) => $document->setAttribute('relevance_score', $scores[$document->id]))
            ->sort(fn (KnowledgeDocument $a, KnowledgeDocument $b) => [$b->relevance_score, $b->created_at, $b->id] <=> [$a->relevance_score, $a->created_at, $a->id])
            ->take($limit)
            ->values();
    }

    /**
     * Which matches become candidates: those that mention the terms most. Counted by the database
     * in plain SQL, the same on every engine, where each engine's own rank would choose others.
     *
     * @param  list<string>  $terms
     */
    private function mostMentionsFirst(Builder $documents, array $terms): void
    {
        $mentions = $bindings = [];
        foreach (['title' => Relevance::TITLE_WEIGHT, 'description' => 1.0] as $column => $weight) {
            foreach ($terms as $term) {
                $text = "lower(knowledge_documents.{$column})";
                $mentions[] = "{$weight} * (length({$text}) - length(replace({$text}, ?, ''))) / length(?)";
                array_push($bindings, $term, $term);
            }
        }
        $documents->orderByRaw(implode(' + ', $mentions).' desc', $bindings);
    }
}
