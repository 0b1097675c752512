<?php

namespace App\Services;

use Meilisearch\Client;
use Meilisearch\Exceptions\ApiException;

/**
 * How the Meilisearch index is set up. What is a setting of the index is sent to it; what the
 * server only takes at its start is listed by serverOptions(), for whoever starts it.
 */
class PerformantMeilisearchConfig
{
    /** Documents in one request when the index is filled. */
    public const BATCH_SIZE = 1000;

    public function __construct(private Client $client)
    {
    }

    /** Names as of Meilisearch 1.x, in the shape of PATCH /indexes/{uid}/settings. */
    public function getOptimizedSettings(): array
    {
        return [
            // By relevance: the title first, tags last.
            'searchableAttributes' => ['title', 'description', 'content', 'tags'],
            'filterableAttributes' => ['user_id', 'team_id', 'privacy_level', 'content_type', 'status', 'created_at', 'expires_at'],
            'sortableAttributes' => ['created_at'],
            'rankingRules' => $this->rankingRules(),
            'searchCutoffMs' => (int) config('research.search.cutoff_ms'),
            'pagination' => ['maxTotalHits' => 100],
            'faceting' => ['maxValuesPerFacet' => 100],
        ];
    }

    /** Options of the server process: they are no index settings, and no request changes them. */
    public function serverOptions(): array
    {
        return [
            'MEILI_MAX_INDEXING_MEMORY' => '2GiB',
            'MEILI_MAX_INDEXING_THREADS' => '4',
        ];
    }

    /** Sends the settings, one request for all: Meilisearch then re-indexes once. */
    public function optimizeIndexForSearch(string $indexName): array
    {
        return $this->client->index($indexName)->updateSettings($this->getOptimizedSettings());
    }

    /** Since 1.36 the rule "attribute" is two: which attribute matched, and where in it. */
    private function rankingRules(): array
    {
        $attribute = version_compare($this->serverVersion(), '1.36', '>=') ? ['attributeRank', 'wordPosition'] : ['attribute'];

        return ['words', 'typo', 'proximity', ...$attribute, 'sort', 'exactness'];
    }

    private function serverVersion(): string
    {
        try {
            return (string) ($this->client->version()['pkgVersion'] ?? '1.0.0');
        } catch (ApiException) {
            return '1.0.0';
        }
    }
}
