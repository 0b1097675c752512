<?php

namespace Tests\Feature;

use App\Models\Agent;
use App\Models\KnowledgeDocument;
use App\Services\AgentExecutor;
use App\Services\KnowledgeSearchService;
use Illuminate\Foundation\Testing\RefreshDatabase;
use Illuminate\Http\Client\Request;
use Illuminate\Support\Facades\DB;
use Illuminate\Support\Facades\Http;
use Tests\Support\AppServer;
use Tests\Support\HttpSession;
use Tests\TestCase;

/** The brief's three measures of the whole. */
class PerformanceTest extends TestCase
{
    use RefreshDatabase;

    public function test_knowledge_search_performance(): void
    {
        $this->createDocuments(10_000);

        $startTime = microtime(true);

        $results = app(KnowledgeSearchService::class)->search('test query', ['limit' => 50]);

        $duration = microtime(true) - $startTime;

        $this->assertLessThan(0.5, $duration, 'Search should complete in under 500ms');
        $this->assertCount(50, $results, 'Should return expected number of results');
    }

    public function test_agent_execution_performance(): void
    {
        $this->fakeModel(latencyMs: 250);
        $agent = Agent::factory()->research()->create();
        $agent->knowledgeDocuments()->attach($this->createDocuments(300));

        $startTime = microtime(true);

        $execution = app(AgentExecutor::class)->execute($agent, 'test query');

        $duration = microtime(true) - $startTime;

        $this->assertLessThan(2.0, $duration, 'Agent execution should complete in under 2s');
        $this->assertEquals('completed', $execution->status);
    }

    /** Laravel's test client asks one after the other (there is no getAsync), so these hundred are real requests to a real server. */
    public function test_concurrent_user_performance(): void
    {
        $server = AppServer::start(seed: true);
        try {
            $this->addUsers($server, 100);
            $sessions = $this->signInAll($server, 100);

            $statuses = $this->getAtOnce($sessions, '/dashboard/research-chat');

            $this->assertSame([200 => 100], array_count_values($statuses));
        } finally {
            $server->stop();
        }
    }

    /** A model that takes its time: who asks it once a document pays for each. */
    private function fakeModel(int $latencyMs): void
    {
        Http::fake(function (Request $request) use ($latencyMs) {
            usleep($latencyMs * 1000);

            return str_ends_with($request->url(), '/v1/embeddings')
                ? Http::response(['data' => array_map(fn (int $index) => ['index' => $index, 'embedding' => [0.1, 0.2]], array_keys((array) $request['input']))])
                : Http::response([
                    'choices' => [['message' => ['role' => 'assistant', 'content' => 'An answer.']]],
                    'usage' => ['prompt_tokens' => 30, 'completion_tokens' => 3],
                ]);
        });
    }

    /** @return list<int> ids */
    private function createDocuments(int $count): array
    {
        $owner = Agent::factory()->create()->owner;
        $template = KnowledgeDocument::factory()->make(['team_id' => $owner->team_id, 'user_id' => $owner->id])->getAttributes();
        $first = (int) DB::table('knowledge_documents')->max('id') + 1;

        foreach (array_chunk(range($first, $first + $count - 1), 500) as $ids) {
            DB::table('knowledge_documents')->insert(array_map(fn (int $id) => [
                ...$template,
                'id' => $id,
                'title' => "Study {$id} of a ".($id % 3 ? 'test' : 'trial'),
                'description' => 'Results for the query number '.($id * 7919 % 10007).', with a test of each hypothesis.',
                'content_hash' => hash('sha256', (string) $id),
                'created_at' => now(),
                'updated_at' => now(),
            ], $ids));
        }

        return range($first, $first + $count - 1);
    }

    private function addUsers(AppServer $server, int $count): void
    {
        $insert = $server->pdo()->prepare('insert into users (team_id, name, email, password, role, is_active) values (1, ?, ?, ?, ?, 1)');
        $password = password_hash('password', PASSWORD_BCRYPT, ['cost' => 4]);
        for ($i = 1; $i <= $count; $i++) {
            $insert->execute(["Member {$i}", "member{$i}@example.test", $password, 'researcher']);
        }
    }

    /** @return list<HttpSession> */
    private function signInAll(AppServer $server, int $count): array
    {
        $sessions = [];
        for ($i = 1; $i <= $count; $i++) {
            $sessions[] = $session = new HttpSession($server->url);
            $this->assertSame(302, $session->signIn("member{$i}@example.test"));
        }

        return $sessions;
    }

    /**
     * @param  list<HttpSession>  $sessions
     * @return list<int>
     */
    private function getAtOnce(array $sessions, string $path): array
    {
        $multi = curl_multi_init();
        $handles = array_map(fn (HttpSession $session) => $session->handle($path), $sessions);
        foreach ($handles as $handle) {
            curl_multi_add_handle($multi, $handle);
        }
        do {
            curl_multi_exec($multi, $running);
            curl_multi_select($multi, 0.5);
        } while ($running > 0);

        return array_map(fn ($handle) => (int) curl_getinfo($handle, CURLINFO_HTTP_CODE), $handles);
    }
}
