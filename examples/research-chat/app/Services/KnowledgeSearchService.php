<?php

namespace App\Services;

use App\Models\KnowledgeDocument;
use App\Models\User;
use App\Repositories\OptimizedKnowledgeRepository;
use Illuminate\Support\Carbon;
use Illuminate\Support\Collection;
use Meilisearch\Client;

/** Search by the database's full-text index or by Meilisearch, with the same filters and the same result. */
class KnowledgeSearchService
{
    public function __construct(private OptimizedKnowledgeRepository $documents, private Client $meilisearch)
    {
    }

    /**
     * @param  array  $filters  limit, and those of OptimizedKnowledgeRepository::findRelevantDocuments()
     * @return Collection<int, KnowledgeDocument>
     */
    public function search(string $query, array $filters = [], ?User $viewer = null): Collection
    {
        $limit = (int) ($filters['limit'] ?? 10);
        unset($filters['limit']);

        return config('research.search.driver') === 'meilisearch'
            ? $this->searchMeilisearch($query, $limit, $filters, $viewer)
            : $this->documents->findRelevantDocuments($query, $limit, $filters, $viewer);
    }

    private function searchMeilisearch(string $query, int $limit, array $filters, ?User $viewer): Collection
    {
        $hits = collect($this->meilisearch->index(config('research.search.index'))->search($query, array_filter([
            'limit' => $limit,
            'filter' => $this->filterExpressions($filters, $viewer),
            'sort' => ($filters['sort'] ?? null) === 'newest' ? ['created_at:desc'] : null,
            'attributesToRetrieve' => ['id'],
            'showRankingScore' => true,
        ]))->getHits());
        $scores = $hits->pluck('_rankingScore', 'id');

        $documents = KnowledgeDocument::query()
            ->select(['id', 'user_id', 'title', 'description', 'content_type', 'privacy_level', 'status', 'word_count', 'created_at'])
            ->with('user:id,name')
            ->whereKey($hits->pluck('id'))
            ->get()
            ->keyBy('id');

        return $hits->pluck('id')
            ->map(fn (int $id) => $documents->get($id)?->setAttribute('relevance_score', $scores[$id] ?? null))
            ->filter()
            ->values();
    }

    /**
     * Meilisearch's filter: an outer list is "and", an inner one "or".
     *
     * @return list<string|list<string>>
     */
    public function filterExpressions(array $filters, ?User $viewer): array
    {
        $now = now()->getTimestamp();
        $expressions = [$this->visibility($viewer), ['expires_at IS NULL', "expires_at > {$now}"]];

        foreach (['user_id', 'team_id', 'privacy_level', 'content_type', 'status'] as $attribute) {
            if (isset($filters[$attribute])) {
                $expressions[] = $attribute.' = '.json_encode($filters[$attribute]);
            }
        }
        if (isset($filters['created_from'])) {
            $expressions[] = 'created_at >= '.Carbon::parse($filters['created_from'])->getTimestamp();
        }
        if (isset($filters['created_before'])) {
            $expressions[] = 'created_at < '.Carbon::parse($filters['created_before'])->getTimestamp();
        }

        return $expressions;
    }

    /** @return list<string> */
    private function visibility(?User $viewer): array
    {
        return $viewer
            ? ['privacy_level = "public"', "(privacy_level = \"team\" AND team_id = {$viewer->team_id})", "user_id = {$viewer->id}"]
            : ['privacy_level = "public"'];
    }
}
