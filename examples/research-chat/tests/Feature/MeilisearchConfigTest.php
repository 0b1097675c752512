<?php

namespace Tests\Feature;

use App\Models\KnowledgeDocument;
use App\Models\User;
use App\Services\KnowledgeSearchService;
use App\Services\PerformantMeilisearchConfig;
use Illuminate\Foundation\Testing\RefreshDatabase;
use Illuminate\Support\Facades\Http;
use Meilisearch\Client;
use Meilisearch\Exceptions\ApiException;
use Tests\Support\Services;
use Tests\Support\StrictMeilisearch;
use Tests\TestCase;

class MeilisearchConfigTest extends TestCase
{
    use RefreshDatabase;

    private StrictMeilisearch $server;

    protected function setUp(): void
    {
        parent::setUp();
        $this->useServer('1.12.0');
    }

    public function test_a_server_that_rejects_unknown_settings_takes_all_of_them(): void
    {
        app(PerformantMeilisearchConfig::class)->optimizeIndexForSearch('knowledge_documents');

        [$method, $path, $settings] = end($this->server->requests);
        $this->assertSame(['PATCH', '/indexes/knowledge_documents/settings'], [$method, $path]);
        $this->assertSame(['title', 'description', 'content', 'tags'], $settings['searchableAttributes']);
        $this->assertSame(100, $settings['pagination']['maxTotalHits']);
        $this->assertSame(100, $settings['faceting']['maxValuesPerFacet']);
        $this->assertGreaterThanOrEqual(500, $settings['searchCutoffMs']);
    }

    public function test_the_double_would_reject_the_names_that_do_not_exist(): void
    {
        $this->expectException(ApiException::class);

        app(Client::class)->index('x')->updateSettings(['faceting' => ['maxFacetedAttributes' => 20], 'maxSearchMemory' => '1GB']);
    }

    public function test_options_of_the_server_are_not_sent_as_settings(): void
    {
        $config = app(PerformantMeilisearchConfig::class);

        $this->assertSame(['MEILI_MAX_INDEXING_MEMORY', 'MEILI_MAX_INDEXING_THREADS'], array_keys($config->serverOptions()));
        $this->assertSame(1000, PerformantMeilisearchConfig::BATCH_SIZE);
        $this->assertStringNotContainsStringIgnoringCase('memory', json_encode($config->getOptimizedSettings()));
    }

    public function test_ranking_rules_keep_the_order_on_old_and_new_servers(): void
    {
        $this->assertSame(['words', 'typo', 'proximity', 'attribute', 'sort', 'exactness'], app(PerformantMeilisearchConfig::class)->getOptimizedSettings()['rankingRules']);

        $this->useServer('1.36.2');
        $config = app(PerformantMeilisearchConfig::class);
        $this->assertSame(['words', 'typo', 'proximity', 'attributeRank', 'wordPosition', 'sort', 'exactness'], $config->getOptimizedSettings()['rankingRules']);
        $config->optimizeIndexForSearch('knowledge_documents');
    }

    public function test_what_queries_filter_and_sort_on_is_declared_and_nothing_else(): void
    {
        $settings = app(PerformantMeilisearchConfig::class)->getOptimizedSettings();
        config(['research.search.driver' => 'meilisearch']);
        app(KnowledgeSearchService::class)->search('coral', [
            'user_id' => 1, 'team_id' => 1, 'privacy_level' => 'team', 'content_type' => 'paper', 'status' => 'indexed',
            'created_from' => '2026-01-01', 'created_before' => '2026-02-01', 'sort' => 'newest',
        ], User::factory()->create());
        [, , $search] = end($this->server->requests);

        preg_match_all('/\b([a-z_]+) (?:=|>|<|>=|IS)/', json_encode($search['filter'], JSON_UNESCAPED_SLASHES), $used);
        $this->assertEqualsCanonicalizing($settings['filterableAttributes'], array_values(array_unique($used[1])));
        $this->assertSame($settings['sortableAttributes'], array_map(fn ($sort) => strtok($sort, ':'), $search['sort']));
    }

    public function test_hits_come_back_as_documents_in_the_order_of_the_server(): void
    {
        $documents = KnowledgeDocument::factory()->count(3)->create();
        config(['research.search.driver' => 'meilisearch']);
        $this->server->hits = [
            ['id' => $documents[2]->id, '_rankingScore' => 0.9],
            ['id' => 999999, '_rankingScore' => 0.8],
            ['id' => $documents[0]->id, '_rankingScore' => 0.7],
        ];

        $found = app(KnowledgeSearchService::class)->search('coral', ['limit' => 3]);

        $this->assertSame([$documents[2]->id, $documents[0]->id], $found->pluck('id')->all());
        $this->assertSame([0.9, 0.7], $found->pluck('relevance_score')->all());
    }

    public function test_the_stand_in_server_takes_the_settings(): void
    {
        $url = Services::url('RC_AI_URL', 'stand-in server');
        Http::allowStrayRequests();
        $this->app->instance(Client::class, new Client($url));

        $task = app(PerformantMeilisearchConfig::class)->optimizeIndexForSearch('knowledge_documents');
        $this->assertArrayHasKey('taskUid', $task);

        $this->expectException(ApiException::class);
        (new Client($url))->index('knowledge_documents')->updateSettings(['maxSearchMemory' => '1GB']);
    }

    private function useServer(string $version): void
    {
        $this->server = new StrictMeilisearch($version);
        $this->app->instance(Client::class, new Client('http://search.test', null, $this->server));
    }
}
