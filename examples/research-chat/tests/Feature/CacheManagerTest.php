<?php

namespace Tests\Feature;

use App\Metrics\Metrics;
use App\Models\Agent;
use App\Models\ChatSession;
use App\Models\KnowledgeDocument;
use App\Models\User;
use App\Services\PerformanceCacheManager;
use App\Support\TaggedCache;
use Illuminate\Foundation\Testing\RefreshDatabase;
use Illuminate\Support\Facades\Cache;
use Illuminate\Support\Facades\DB;
use Illuminate\Support\Facades\File;
use Illuminate\Support\Facades\Redis;
use PHPUnit\Framework\Attributes\DataProvider;
use Symfony\Component\HttpFoundation\Request;
use Symfony\Component\HttpKernel\HttpCache\HttpCache;
use Symfony\Component\HttpKernel\HttpCache\Store;
use Tests\Support\AppServer;
use Tests\Support\Services;
use Tests\Support\Statements;
use Tests\TestCase;

class CacheManagerTest extends TestCase
{
    use RefreshDatabase;

    private string $folder;

    protected function setUp(): void
    {
        parent::setUp();
        $this->folder = sys_get_temp_dir().'/research-cache-'.bin2hex(random_bytes(6));
        File::ensureDirectoryExists($this->folder);
    }

    protected function tearDown(): void
    {
        File::deleteDirectory($this->folder);
        parent::tearDown();
    }

    #[DataProvider('sharedStores')]
    public function test_a_hundred_that_miss_at_once_compute_once(string $store): void
    {
        $this->useStore($store);
        $log = "{$this->folder}/computed";
        $start = microtime(true) + 1.0;

        $children = [];
        for ($i = 0; $i < 100; $i++) {
            $pid = pcntl_fork();
            if ($pid === 0) {
                $this->missAt($start, $log);
            }
            $children[] = $pid;
        }
        $statuses = array_map(function (int $pid) {
            pcntl_waitpid($pid, $status);

            return pcntl_wifsignaled($status) ? pcntl_wtermsig($status) : -1;
        }, $children);

        $this->assertSame([SIGUSR1 => 100], array_count_values($statuses), 'Every one got the value.');
        // Laravel's file store lets a reader delete an entry at the moment that it is being written: rarely one more.
        $this->assertContains(substr_count((string) file_get_contents($log), 'x'), $store === 'file' ? [1, 2] : [1]);
    }

    #[DataProvider('allStores')]
    public function test_a_write_drops_what_it_touches_and_nothing_else(string $store): void
    {
        $this->useStore($store);
        [$ada, $ben] = [User::factory()->create(), User::factory()->create()];
        $first = $this->document($ada, 'Coral one');
        $second = $this->document($ada, 'Coral two');
        $foreign = $this->document($ben, 'Coral three');
        $cache = app(PerformanceCacheManager::class);
        $read = fn () => [
            'first' => $this->asks(fn () => $cache->document($first->id, $ada)),
            'second' => $this->asks(fn () => $cache->document($second->id, $ada)),
            'foreign' => $this->asks(fn () => $cache->document($foreign->id, $ben)),
            'search of the team' => $this->asks(fn () => $cache->getCachedSearchResults('coral', [], $ada)),
            'search of the other' => $this->asks(fn () => $cache->getCachedSearchResults('coral', [], $ben)),
        ];
        $this->assertSame([true, true, true, true, true], array_values($read()));
        $this->assertSame([false, false, false, false, false], array_values($read()));

        $first->update(['title' => 'Coral changed']);

        $this->assertSame(['first' => true, 'second' => false, 'foreign' => false, 'search of the team' => true, 'search of the other' => false], $read());
        $this->assertSame('Coral changed', $cache->document($first->id, $ada)['title']);

        // A public document may be in anybody's results.
        $first->update(['privacy_level' => 'public']);
        $this->assertTrue($read()['search of the other']);
    }

    #[DataProvider('allStores')]
    public function test_nobody_gets_what_another_may_see(string $store): void
    {
        $this->useStore($store);
        $ada = User::factory()->create();
        $colleague = User::factory()->create(['team_id' => $ada->team_id]);
        $stranger = User::factory()->create();
        $private = $this->document($ada, 'Coral secret', 'private');
        $team = $this->document($ada, 'Coral for the team');
        $cache = app(PerformanceCacheManager::class);
        $titles = fn (?User $user) => $cache->getCachedSearchResults('coral', [], $user)->pluck('title')->sort()->values()->all();

        // The owner asks first, so that everything is cached for the others to trip over.
        $cache->cacheKnowledgeDocument($private);
        $this->assertSame('Coral secret', $cache->document($private->id, $ada)['title']);
        $this->assertSame(['Coral for the team', 'Coral secret'], $titles($ada));

        $this->assertNull($cache->document($private->id, $colleague));
        $this->assertNull($cache->document($private->id, $stranger));
        $this->assertNull($cache->document($team->id, $stranger));
        $this->assertSame('Coral for the team', $cache->document($team->id, $colleague)['title']);
        $this->assertSame(['Coral for the team'], $titles($colleague));
        $this->assertSame([], $titles($stranger));
        $this->assertSame([], $titles(null));
        $this->actingAs($colleague)->getJson("/api/documents/{$private->id}")->assertNotFound();
    }

    #[DataProvider('allStores')]
    public function test_warming_up_lifts_the_measured_hit_rate(string $store): void
    {
        $this->useStore($store);
        $users = User::factory()->count(8)->create(['team_id' => User::factory()->create()->team_id]);
        $agent = Agent::factory()->create(['team_id' => $users[0]->team_id]);
        $users->each(fn (User $user) => ChatSession::factory()->count(3)->create(['user_id' => $user->id, 'team_id' => $user->team_id, 'agent_id' => $agent->id]));
        $visit = function () use ($users) {
            $cache = app(PerformanceCacheManager::class);
            $users->each(fn (User $user) => $this->assertCount(3, $cache->sessions($user)));

            return [$cache->popularAgents($users[0]->team_id), $cache->recentDocuments($users[0]->team_id)];
        };
        $this->document($users[0], 'Coral');

        $cold = $this->hitRate($visit);
        $seen = $visit();
        Cache::flush();
        $this->artisan('research:warm')->assertSuccessful();
        $warm = $this->hitRate($visit);

        $this->assertSame(0.0, $cold);
        $this->assertSame(1.0, $warm);
        $this->assertSame($seen, $visit(), 'What was warmed is what a visit would have found.');
        $this->assertSame([1, 1], array_map(count(...), $seen));
    }

    public function test_warming_up_asks_a_few_statements_however_many_users(): void
    {
        $this->useStore('array');
        $team = User::factory()->create()->team_id;
        $statements = fn () => count(Statements::during(fn () => app(PerformanceCacheManager::class)->warmupCriticalCaches()));
        $few = $statements();
        Cache::flush();
        User::factory()->count(30)->create(['team_id' => $team])
            ->each(fn (User $user) => ChatSession::factory()->create(['user_id' => $user->id, 'team_id' => $team, 'agent_id' => Agent::factory()->create(['team_id' => $team, 'user_id' => $user->id])->id]));

        $this->assertLessThanOrEqual($few + 1, $statements());
    }

    public function test_no_model_is_ever_stored(): void
    {
        $this->useStore('database');
        $user = User::factory()->create();
        $document = $this->document($user, 'Coral');
        $cache = app(PerformanceCacheManager::class);
        $cache->cacheKnowledgeDocument($document);
        $cache->getCachedSearchResults('coral', [], $user);
        $cache->warmupCriticalCaches();

        $this->assertGreaterThan(2, DB::table('cache')->count());
        $this->assertStringNotContainsString('App\\Models', implode(DB::table('cache')->pluck('value')->all()));
    }

    /** Level 1. */
    public function test_opcache_serves_the_code(): void
    {
        $server = AppServer::start(workers: 1, phpOptions: ['-d', 'opcache.enable=1', '-d', 'opcache.enable_cli=1']);
        try {
            $read = function () use ($server) {
                preg_match_all('/^research_opcache_(\w+) ([\d.]+)$/m', file_get_contents("{$server->url}/metrics"), $found);

                return array_combine($found[1], array_map(floatval(...), $found[2]));
            };
            $read();
            [$first, $second] = [$read(), $read()];

            $this->assertSame(1.0, $second['enabled']);
            $this->assertGreaterThan(100, $second['scripts']);
            $this->assertGreaterThan(100, $second['hits'] - $first['hits'], 'The third request found its code compiled.');
            $this->assertLessThan(10, $second['misses'] - $first['misses']);
        } finally {
            $server->stop();
        }
    }

    /** Levels 2 and 3. */
    public function test_data_and_results_come_from_the_cache_the_second_time(): void
    {
        $user = User::factory()->create();
        $document = $this->document($user, 'Coral');
        $this->actingAs($user);

        foreach (["/api/documents/{$document->id}" => 'application', '/api/documents/search?q=coral' => 'query'] as $path => $level) {
            $first = Statements::during(fn () => $this->getJson($path)->assertOk());
            $second = Statements::during(fn () => $this->getJson($path)->assertOk());
            $this->assertStringContainsString('knowledge_documents', implode($first));
            $this->assertStringNotContainsString('knowledge_documents', implode($second));
            $this->assertSame(1.0, app(Metrics::class)->value('cache_requests_total', ['level' => $level, 'result' => 'hit']));
        }
    }

    /** Level 4: a real HTTP cache in front of the application. */
    public function test_a_cdn_keeps_public_files_and_only_those(): void
    {
        $user = User::factory()->create();
        $public = $this->document($user, 'Open', 'public', 'documents/a.txt');
        $private = $this->document($user, 'Closed', 'private', 'documents/b.txt');
        $cdn = new HttpCache($this->app, new Store($this->folder), options: ['debug' => true]);
        $get = fn (string $path, array $headers = []) => $cdn->handle(Request::create("http://cdn.test{$path}", server: $headers));

        $miss = $get("/files/{$public->id}");
        $hit = $get("/files/{$public->id}");
        $this->assertStringContainsString('store', $miss->headers->get('X-Symfony-Cache'));
        $this->assertStringContainsString('fresh', $hit->headers->get('X-Symfony-Cache'));
        $this->assertSame($public->content, $hit->getContent());
        $this->assertFalse($miss->headers->has('Set-Cookie'));
        $this->assertStringContainsString('s-maxage=86400', $miss->headers->get('Cache-Control'));
        $this->assertSame(304, $get("/files/{$public->id}", ['HTTP_IF_NONE_MATCH' => $miss->headers->get('ETag')])->getStatusCode());

        $this->assertSame(404, $get("/files/{$private->id}")->getStatusCode());
        $this->actingAs($user)->get("/knowledge/{$private->id}/file")->assertOk()->assertHeader('Cache-Control', 'max-age=60, private');
        config(['research.cdn.url' => 'https://cdn.test']);
        $this->get("/knowledge/{$public->id}/file")->assertRedirect("https://cdn.test/files/{$public->id}");
    }

    public static function sharedStores(): array
    {
        return ['Redis, with tags' => ['redis'], 'files, without' => ['file']];
    }

    public static function allStores(): array
    {
        return ['Redis, with tags' => ['redis'], 'the database, without' => ['database'], 'memory' => ['array']];
    }

    private function useStore(string $store): void
    {
        if ($store === 'redis') {
            $url = Services::url('RC_REDIS_URL', 'Redis');
            foreach (['default' => 0, 'cache' => 1] as $connection => $database) {
                config(["database.redis.{$connection}" => ['url' => "{$url}/{$database}"]]);
            }
            config(['database.redis.options.persistent' => false]);
            $this->app->forgetInstance('redis');
            Redis::clearResolvedInstances();
        }
        config(['cache.default' => $store, 'cache.stores.file.path' => $this->folder, 'cache.stores.file.lock_path' => $this->folder]);
        $this->app->forgetInstance('cache');
        $this->app->forgetInstance('cache.store');
        Cache::clearResolvedInstances();
        Cache::flush();
    }

    /** In a child: waits for the moment, misses, and ends by a signal that says whether the value came. */
    private function missAt(float $start, string $log): never
    {
        $this->app->forgetInstance('redis');
        $this->app->forgetInstance('cache');
        Redis::clearResolvedInstances();
        Cache::clearResolvedInstances();
        usleep((int) max(0, ($start - microtime(true)) * 1e6));
        $value = (new TaggedCache)->remember('dear', 60, ['t'], function () use ($log) {
            file_put_contents($log, 'x', FILE_APPEND);
            usleep(300_000);

            return ['the' => 'value'];
        });
        posix_kill(getmypid(), $value === ['the' => 'value'] ? SIGUSR1 : SIGUSR2);
        exit(1);
    }

    private function document(User $owner, string $title, string $privacy = 'team', ?string $file = null): KnowledgeDocument
    {
        return KnowledgeDocument::factory()->create([
            'team_id' => $owner->team_id, 'user_id' => $owner->id, 'title' => $title, 'privacy_level' => $privacy, 'file_path' => $file,
        ]);
    }

    /** Whether the documents were asked for. */
    private function asks(callable $work): bool
    {
        return str_contains(implode(Statements::during($work)), 'knowledge_documents');
    }

    private function hitRate(callable $visit): float
    {
        $metrics = app(Metrics::class);
        $count = fn (string $result) => $metrics->value('cache_requests_total', ['level' => 'application', 'result' => $result]);
        [$hits, $misses] = [$count('hit'), $count('miss')];
        $visit();
        [$hits, $misses] = [$count('hit') - $hits, $count('miss') - $misses];

        return $hits / ($hits + $misses);
    }
}
