<?php

namespace Tests\Feature;

use App\Jobs\GenerateEmbeddings;
use App\Models\KnowledgeDocument;
use App\Services\OptimizedEmbeddingGenerator;
use Illuminate\Foundation\Testing\RefreshDatabase;
use Illuminate\Http\Client\Request;
use Illuminate\Support\Facades\DB;
use Illuminate\Support\Facades\Http;
use Illuminate\Support\Facades\Queue;
use Symfony\Component\Process\Process;
use Tests\Support\AppServer;
use Tests\Support\Services;
use Tests\Support\Statements;
use Tests\TestCase;

class EmbeddingGeneratorTest extends TestCase
{
    use RefreshDatabase;

    /** @var list<int> inputs of each call that was answered */
    private array $calls = [];

    private bool $shuffle = false;

    private int $refuseNext = 0;

    public function test_ten_thousand_documents_are_two_hundred_calls_and_few_statements_and_a_second_run_is_none(): void
    {
        $this->fakeEmbeddings();
        $this->createDocuments(10_000);

        $statements = Statements::during(fn () => $this->assertSame(10_000, app(OptimizedEmbeddingGenerator::class)->generatePending()));

        $this->assertCount(200, $this->calls);
        $this->assertLessThanOrEqual(400, count($statements));
        $this->assertSame(0, KnowledgeDocument::whereNull('embedding_generated_at')->count());

        $this->assertSame(0, app(OptimizedEmbeddingGenerator::class)->generatePending());
        $this->assertCount(200, $this->calls);
    }

    public function test_the_hash_of_the_content_decides_what_is_done_again(): void
    {
        $this->fakeEmbeddings();
        Queue::fake();
        $documents = KnowledgeDocument::factory()->count(3)->create();
        $generator = app(OptimizedEmbeddingGenerator::class);
        $generator->generatePending();

        $documents[0]->update(['title' => 'Another title']);
        $documents[1]->update(['content' => 'Another content']);
        Queue::assertPushed(GenerateEmbeddings::class, 1);
        $this->assertSame(1, $generator->generatePending());

        // Changed behind the model's back: found by hashing anew.
        DB::table('knowledge_documents')->where('id', $documents[2]->id)->update(['content' => 'Unseen']);
        $this->assertSame(0, $generator->generatePending());
        $this->assertSame(1, $generator->verifyHashes());
        $this->assertSame(1, $generator->generatePending());
        $this->assertSame(0, $generator->verifyHashes() + $generator->generatePending());
    }

    public function test_a_reply_in_another_order_lands_at_the_right_documents(): void
    {
        $this->shuffle = true;
        $this->fakeEmbeddings();
        $this->createDocuments(120);

        app(OptimizedEmbeddingGenerator::class)->generatePending();

        foreach (KnowledgeDocument::query()->get() as $document) {
            $this->assertSame($this->vector($document->content), $document->embedding);
        }
    }

    public function test_the_same_text_is_asked_for_once(): void
    {
        $this->fakeEmbeddings();
        $documents = KnowledgeDocument::factory()->count(4)->create(['content' => 'The same.']);

        $this->assertSame(4, app(OptimizedEmbeddingGenerator::class)->generatePending());
        $this->assertSame([1], $this->calls);
        $this->assertSame($this->vector('The same.'), $documents[3]->fresh()->embedding);
    }

    public function test_a_429_repeats_one_batch_only(): void
    {
        $this->refuseNext = 1;
        $this->fakeEmbeddings();
        $this->createDocuments(150);

        app(OptimizedEmbeddingGenerator::class)->generatePending();

        $this->assertSame([50, 50, 50], $this->calls);
        Http::assertSentCount(4);
    }

    public function test_no_transaction_is_open_during_a_call(): void
    {
        $outside = DB::transactionLevel();
        $this->fakeEmbeddings(fn () => $this->assertSame($outside, DB::transactionLevel()));
        $this->createDocuments(60);

        app(OptimizedEmbeddingGenerator::class)->generatePending();

        $this->assertCount(2, $this->calls);
    }

    /** Against the stand-in: killed in the middle, the next run asks for nothing that was stored. */
    public function test_a_killed_run_resumes_without_embedding_anything_twice(): void
    {
        $url = Services::url('RC_AI_URL', 'stand-in server');
        Http::allowStrayRequests();
        Http::post("{$url}/__control", ['delay_ms' => 40, 'fail_rate' => 0, 'status_429_next' => 0, 'shuffle' => true, 'stall' => false]);
        $before = Http::get("{$url}/__stats")->json('embedding_inputs');
        $server = AppServer::start(['AI_PRIMARY_URL' => $url]);
        try {
            $this->fillDatabase($server, 2_000);

            $first = new Process([PHP_BINARY, base_path('artisan'), 'research:embed'], base_path(), $server->environmentOf());
            $first->start();
            $this->waitUntil(fn () => $this->embedded($server) >= 500);
            $first->signal(SIGKILL);
            $this->waitUntil(fn () => ! $first->isRunning());
            $stored = $this->embedded($server);
            $this->assertLessThan(2_000, $stored, 'The run was over before it could be killed.');

            $asked = Http::get("{$url}/__stats")->json('embedding_inputs');
            $server->artisan('research:embed');

            $this->assertSame(2_000, $this->embedded($server));
            $this->assertSame(2_000 - $stored, Http::get("{$url}/__stats")->json('embedding_inputs') - $asked, 'What was stored is not asked for again.');
            $this->assertLessThanOrEqual(2_050, Http::get("{$url}/__stats")->json('embedding_inputs') - $before, 'At most the batch in flight was asked for twice.');
        } finally {
            Http::post("{$url}/__control", ['delay_ms' => 0, 'shuffle' => false]);
            $server->stop();
        }
    }

    private function fakeEmbeddings(?callable $during = null): void
    {
        Http::fake(['primary.test/v1/embeddings' => function (Request $request) use ($during) {
            $during && $during();
            if ($this->refuseNext-- > 0) {
                return Http::response(['error' => 'slow down'], 429, ['Retry-After' => '0']);
            }
            $this->calls[] = count($request['input']);
            $data = array_map(
                fn (int $index, string $text) => ['index' => $index, 'embedding' => $this->vector($text)],
                array_keys($request['input']), $request['input'],
            );

            return Http::response(['data' => $this->shuffle ? array_reverse($data) : $data]);
        }]);
    }

    private function vector(string $text): array
    {
        return array_map(fn (int $byte) => $byte / 255, array_values(unpack('C8', md5($text, true))));
    }

    private function createDocuments(int $count): void
    {
        $template = KnowledgeDocument::factory()->make()->getAttributes();
        foreach (array_chunk(range(1, $count), 500) as $numbers) {
            DB::table('knowledge_documents')->insert(array_map(fn (int $n) => [
                ...$template, 'content' => "Content {$n}", 'content_hash' => hash('sha256', "Content {$n}"),
                'created_at' => now(), 'updated_at' => now(),
            ], $numbers));
        }
    }

    private function fillDatabase(AppServer $server, int $count): void
    {
        $pdo = $server->pdo();
        $pdo->beginTransaction();
        $pdo->exec("insert into teams (id, name, slug) values (1, 'T', 't')");
        $pdo->exec("insert into users (id, team_id, name, email, password) values (1, 1, 'U', 'u@example.test', 'x')");
        $insert = $pdo->prepare("insert into knowledge_documents (team_id, user_id, title, description, content, content_type, content_hash)
            values (1, 1, 'T', 'D', ?, 'paper', ?)");
        for ($n = 1; $n <= $count; $n++) {
            $insert->execute(["Content {$n}", hash('sha256', "Content {$n}")]);
        }
        $pdo->commit();
    }

    private function embedded(AppServer $server): int
    {
        return (int) $server->pdo()->query('select count(*) from knowledge_documents where embedding_hash is not null')->fetchColumn();
    }

    private function waitUntil(callable $condition): void
    {
        for ($i = 0; $i < 600 && ! $condition(); $i++) {
            usleep(50_000);
        }
        $this->assertTrue($condition());
    }
}
