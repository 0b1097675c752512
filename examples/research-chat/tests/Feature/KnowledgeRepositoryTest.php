<?php

namespace Tests\Feature;

use App\Models\KnowledgeDocument;
use App\Models\Team;
use App\Models\User;
use App\Repositories\OptimizedKnowledgeRepository;
use Illuminate\Foundation\Testing\DatabaseMigrations;
use Illuminate\Support\Facades\DB;
use PHPUnit\Framework\Attributes\DataProvider;
use Tests\Support\Engines;
use Tests\Support\Statements;
use Tests\TestCase;

class KnowledgeRepositoryTest extends TestCase
{
    use DatabaseMigrations;

    private const WORDS = ['coral', 'reef', 'bleaching', 'heat', 'model', 'sample', 'survey', 'ocean', 'trend', 'night', 'island', 'carbon'];

    private OptimizedKnowledgeRepository $repository;

    protected function setUp(): void
    {
        parent::setUp();
        $this->repository = new OptimizedKnowledgeRepository;
    }

    public function test_statements_do_not_grow_with_the_limit(): void
    {
        $this->corpus();

        $ten = Statements::during(fn () => $this->assertCount(10, $this->repository->findRelevantDocuments('coral', 10)));
        $fifty = Statements::during(fn () => $this->assertCount(50, $this->repository->findRelevantDocuments('coral', 50)));

        $this->assertCount(2, $ten);
        $this->assertCount(2, $fifty);
    }

    public function test_scores_are_real_and_ordered_and_owners_come_along(): void
    {
        $this->corpus();

        $found = $this->repository->findRelevantDocuments('coral bleaching', 10);
        $scores = $found->pluck('relevance_score')->all();

        $this->assertNotEmpty($scores);
        $this->assertGreaterThan(0, min($scores));
        $this->assertSame($scores, collect($scores)->sortDesc()->values()->all());
        $this->assertGreaterThan(1, count(array_unique($scores)));
        $this->assertNotNull($found->first()->user->name);
        $this->assertTrue($found->every(fn ($document) => $document->relationLoaded('user')));
    }

    public function test_every_filter_is_applied(): void
    {
        [$team, $user] = $this->corpus();
        KnowledgeDocument::factory()->for($team)->for($user)->private()->create(['title' => 'Coral secret', 'status' => 'draft', 'content_type' => 'dataset', 'created_at' => '2026-03-05 00:00:00']);
        $other = User::factory()->create();

        $find = fn (array $filters, ?User $viewer = null) => $this->repository->findRelevantDocuments('coral', 50, $filters, $viewer);

        $this->assertTrue($find(['content_type' => 'paper'])->every(fn ($d) => $d->content_type === 'paper'));
        $this->assertSame(['Coral secret'], $find(['status' => 'draft'], $user)->pluck('title')->all());
        $this->assertSame(['Coral secret'], $find(['privacy_level' => 'private'], $user)->pluck('title')->all());
        $this->assertCount(1, $find(['created_from' => '2026-03-05', 'created_before' => '2026-03-06'], $user));
        $this->assertCount(0, $find(['created_from' => '2026-03-04', 'created_before' => '2026-03-05'], $user), 'The end is not included.');
        $this->assertCount(0, $find(['user_id' => $other->id]));
        $this->assertCount(0, $find(['team_id' => $other->team_id]));
        $this->assertNotContains('Coral secret', $find([], $other)->pluck('title'));
        $this->assertNotContains('Coral secret', $find([])->pluck('title'));
    }

    public function test_expired_documents_are_not_found(): void
    {
        KnowledgeDocument::factory()->create(['title' => 'Stale coral', 'expires_at' => now()->subMinute()]);
        KnowledgeDocument::factory()->create(['title' => 'Fresh coral', 'expires_at' => now()->addHour()]);

        $this->assertSame(['Fresh coral'], $this->repository->findRelevantDocuments('coral')->pluck('title')->all());
    }

    public function test_a_hostile_query_is_only_words(): void
    {
        $this->corpus();

        foreach (['"', "'; drop table users; --", 'coral" OR "x', '***', 'coral AND NOT (reef', "\0coral", str_repeat('coral ', 500)] as $query) {
            $this->assertLessThanOrEqual(5, $this->repository->findRelevantDocuments($query, 5)->count());
        }
        $this->assertSame(0, $this->repository->findRelevantDocuments('   ')->count());
    }

    public function test_the_index_follows_inserts_updates_and_deletes(): void
    {
        $document = KnowledgeDocument::factory()->create(['title' => 'Zebra stripes']);
        $this->assertCount(1, $this->repository->findRelevantDocuments('zebra'));

        $document->update(['title' => 'Giraffe necks']);
        $this->assertCount(0, $this->repository->findRelevantDocuments('zebra'));
        $this->assertCount(1, $this->repository->findRelevantDocuments('giraffe'));

        $document->delete();
        $this->assertCount(0, $this->repository->findRelevantDocuments('giraffe'));
    }

    public function test_bulk_update_of_a_status_is_one_statement(): void
    {
        $ids = KnowledgeDocument::factory()->count(30)->create()->modelKeys();

        $statements = Statements::during(fn () => $this->assertSame(30, $this->repository->bulkUpdateStatus($ids, 'archived')));

        $this->assertCount(1, $statements);
        $this->assertSame(30, KnowledgeDocument::where('status', 'archived')->count());
    }

    public function test_expired_documents_are_archived_by_one_statement(): void
    {
        KnowledgeDocument::factory()->count(5)->create(['expires_at' => now()->subDay()]);
        KnowledgeDocument::factory()->create(['expires_at' => null]);

        $statements = Statements::during(fn () => $this->assertSame(5, $this->repository->archiveExpired()));

        $this->assertCount(1, $statements);
    }

    #[DataProvider('otherEngines')]
    public function test_another_engine_gives_the_same_ten_as_sqlite(string $engine): void
    {
        $queries = ['coral bleaching', 'ocean', 'heat model', 'reef survey island', 'carbon'];
        $this->corpus();
        $top = fn () => array_map(fn (string $query) => $this->repository->findRelevantDocuments($query, 10)
            ->map(fn ($document) => [$document->title, $document->relevance_score])->all(), $queries);
        $expected = $top();
        $any = $this->repository->findRelevantDocuments('coral night carbon', 10, ['match' => 'any'])->pluck('title')->all();

        Engines::fresh($engine);
        try {
            $this->corpus();
            $this->assertSame($expected, $top());
            $this->assertSame($any, $this->repository->findRelevantDocuments('coral night carbon', 10, ['match' => 'any'])->pluck('title')->all());
            $this->assertCount(2, Statements::during(fn () => $this->repository->findRelevantDocuments('coral', 50)));
        } finally {
            Engines::connect('sqlite');
        }
    }

    public static function otherEngines(): array
    {
        return ['PostgreSQL' => ['pgsql'], 'MariaDB' => ['mariadb']];
    }

    /** 300 documents of fixed words. */
    private function corpus(): array
    {
        $team = Team::factory()->create();
        $user = User::factory()->for($team)->create();
        mt_srand(7);
        $words = fn (int $count) => implode(' ', array_map(fn () => self::WORDS[mt_rand(0, 11)], range(1, $count)));
        $rows = [];
        for ($n = 1; $n <= 300; $n++) {
            $rows[] = [
                'team_id' => $team->id, 'user_id' => $user->id, 'title' => ucfirst($words(4))." {$n}", 'description' => $words(mt_rand(8, 20)),
                'content' => 'x', 'content_hash' => hash('sha256', 'x'), 'content_type' => KnowledgeDocument::TYPES[$n % 5], 'privacy_level' => 'public',
                'status' => 'indexed', 'created_at' => now()->startOfDay()->subMinutes($n), 'updated_at' => now(),
            ];
        }
        DB::table('knowledge_documents')->insert($rows);

        return [$team, $user];
    }
}
