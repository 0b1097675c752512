<?php

namespace Tests\Feature;

use App\Models\User;
use App\Support\SearchIndex;
use Illuminate\Foundation\Testing\DatabaseMigrations;
use Illuminate\Support\Facades\Artisan;
use Illuminate\Support\Facades\DB;
use Illuminate\Support\Facades\Schema;
use PDO;
use PDOException;
use PHPUnit\Framework\Attributes\DataProvider;
use Symfony\Component\Process\Process;
use Tests\Support\Engines;
use Tests\Support\Services;
use Tests\Support\Statements;
use Tests\TestCase;

class SearchMigrationTest extends TestCase
{
    use DatabaseMigrations;

    private const MIGRATION = 'database/migrations/2026_02_01_000000_add_search_vector_to_knowledge_documents.php';

    #[DataProvider('engines')]
    public function test_a_chunk_of_a_thousand_is_two_statements(string $engine): void
    {
        $this->on($engine, function () {
            Artisan::call('migrate:rollback', ['--path' => self::MIGRATION, '--force' => true]);
            $this->insertRows(5_000);

            $statements = array_filter(
                Statements::during(fn () => Artisan::call('migrate', ['--path' => self::MIGRATION, '--force' => true])),
                fn (string $sql) => str_contains($sql, 'id > ?') || str_starts_with(strtolower($sql), 'update "backfills"') || str_starts_with($sql, 'update `backfills`'),
            );

            $this->assertCount(2 * 5, $statements);
            $this->assertSame(5_000, $this->indexed());
        });
    }

    #[DataProvider('engines')]
    public function test_it_rolls_back_and_runs_again(string $engine): void
    {
        $this->on($engine, function () {
            $this->insertRows(1_500);
            Artisan::call('migrate:rollback', ['--path' => self::MIGRATION, '--force' => true]);
            $this->assertFalse(Schema::hasIndex('knowledge_documents', ['user_id', 'privacy_level']));
            $this->assertFalse(Schema::hasTable('backfills'));

            Artisan::call('migrate', ['--path' => self::MIGRATION, '--force' => true]);
            $this->assertSame(1_500, $this->indexed());
            foreach ([['user_id', 'privacy_level'], ['created_at', 'status'], ['content_type', 'expires_at']] as $columns) {
                $this->assertTrue(Schema::hasIndex('knowledge_documents', $columns));
            }
        });
    }

    #[DataProvider('engines')]
    public function test_a_run_that_was_cut_off_goes_on_where_it_stopped(string $engine): void
    {
        $this->on($engine, function () {
            Artisan::call('migrate:rollback', ['--path' => self::MIGRATION, '--force' => true]);
            $this->insertRows(4_000);
            $this->cutOffAfter(2);
            $this->assertSame(2_000, $this->indexed());

            $chunks = array_filter(
                Statements::during(fn () => Artisan::call('migrate', ['--path' => self::MIGRATION, '--force' => true])),
                fn (string $sql) => str_contains($sql, 'id > ?'),
            );

            $this->assertCount(2, $chunks);
            $this->assertSame(4_000, $this->indexed());
        });
    }

    /** PostgreSQL: half a million rows, inserted into meanwhile, killed in the middle. */
    public function test_half_a_million_rows_while_others_insert(): void
    {
        $url = Services::url('RC_PGSQL_URL', 'PostgreSQL');
        $this->on('pgsql', function () use ($url) {
            Artisan::call('migrate:rollback', ['--path' => self::MIGRATION, '--force' => true]);
            $this->insertRows(500_000);

            $first = $this->migrate($url);
            while ($this->progress() < 150_000 && $first->isRunning()) {
                usleep(20_000);
            }
            $first->signal(SIGKILL);
            $reached = $this->progress();
            $this->assertGreaterThanOrEqual(150_000, $reached);
            $this->assertLessThan(500_000, $reached);

            $second = $this->migrate($url);
            [$inserts, $longest, $locked] = $this->insertUntil($second);

            $this->assertTrue($second->isSuccessful(), $second->getErrorOutput());
            $this->assertSame(0, DB::table('knowledge_documents')->whereNull('search_vector')->count());
            $this->assertGreaterThan(1_000, $inserts);
            $this->assertSame(0, $locked, 'No insert waited longer than 20 ms for the migration.');
            // By the clock it holds on a machine with nothing else to do: RC_STALL_MS=20.
            $this->assertLessThanOrEqual((float) (getenv('RC_STALL_MS') ?: 1_000), $longest, 'Longest insert during the migration, in ms.');
        });
    }

    public static function engines(): array
    {
        return ['SQLite' => ['sqlite'], 'PostgreSQL' => ['pgsql'], 'MariaDB' => ['mariadb']];
    }

    private function on(string $engine, callable $test): void
    {
        Engines::fresh($engine);
        try {
            $test();
        } finally {
            Engines::connect('sqlite');
            Artisan::call('migrate:fresh', ['--force' => true]);
        }
    }

    private function insertRows(int $count): void
    {
        $user = User::factory()->create();
        if (DB::getDriverName() === 'pgsql') {
            DB::insert("insert into knowledge_documents (team_id, user_id, title, description, content, content_type, content_hash, created_at, updated_at)
                select ?, ?, 'Study ' || n || ' of coral', 'Results number ' || n || ' with a test', repeat('words ', 60), 'paper', md5(n::text), now(), now()
                from generate_series(1, ?::int) n", [$user->team_id, $user->id, $count]);

            return;
        }
        foreach (array_chunk(range(1, $count), 1000) as $numbers) {
            DB::table('knowledge_documents')->insert(array_map(fn (int $n) => [
                'team_id' => $user->team_id, 'user_id' => $user->id, 'title' => "Study {$n} of coral", 'description' => 'With a test',
                'content' => 'x', 'content_type' => 'paper', 'content_hash' => md5((string) $n), 'created_at' => now(), 'updated_at' => now(),
            ], $numbers));
        }
    }

    private function indexed(): int
    {
        $rows = match (DB::getDriverName()) {
            'pgsql' => DB::scalar('select count(*) from knowledge_documents where search_vector is not null'),
            'mysql', 'mariadb' => DB::scalar('select count(*) from knowledge_documents_search'),
            default => DB::scalar('select count(*) from knowledge_documents_fts'),
        };

        return (int) $rows;
    }

    /** The migration up to its nth chunk, as if the process had died then. */
    private function cutOffAfter(int $chunks): void
    {
        Schema::create('backfills', function ($table) {
            $table->string('name')->primary();
            $table->unsignedBigInteger('last_id')->default(0);
        });
        $index = SearchIndex::for(DB::connection());
        $index->prepare();
        $left = $chunks;
        DB::listen(function ($query) use (&$left) {
            if (str_contains($query->sql, 'id > ?') && $left-- === 0) {
                throw new \RuntimeException('killed');
            }
        });
        try {
            $index->backfill();
        } catch (\RuntimeException|\Illuminate\Database\QueryException) {
        } finally {
            DB::getEventDispatcher()->forget(\Illuminate\Database\Events\QueryExecuted::class);
        }
    }

    private function migrate(string $url): Process
    {
        $process = new Process([PHP_BINARY, 'artisan', 'migrate', '--path', self::MIGRATION, '--force'], base_path(), [
            'DB_CONNECTION' => 'pgsql', 'DB_URL' => $url, 'APP_KEY' => config('app.key'), 'CACHE_STORE' => 'array', 'METRICS_STORE' => 'array',
        ], null, 900);
        $process->start();

        return $process;
    }

    private function progress(): int
    {
        return Schema::hasTable('backfills') ? (int) DB::table('backfills')->value('last_id') : 0;
    }

    /**
     * Inserts a row every 3 ms until the migration ends. PostgreSQL itself says when one waited for
     * more than 20 ms: by then its lock_timeout ends it.
     *
     * @return array{int, float, int} inserts, the longest in ms, those that waited for a lock
     */
    private function insertUntil(Process $migration): array
    {
        $pdo = DB::connection()->getPdo();
        $pdo->exec("set lock_timeout = '20ms'");
        $template = $pdo->query('select team_id, user_id from knowledge_documents limit 1')->fetch(PDO::FETCH_ASSOC);
        $insert = $pdo->prepare("insert into knowledge_documents (team_id, user_id, title, description, content, content_type, content_hash, created_at, updated_at)
            values (?, ?, 'Live insert', 'While the migration runs', 'x', 'paper', 'x', now(), now())");
        $inserts = $locked = 0;
        $longest = 0.0;
        while ($migration->isRunning()) {
            $started = hrtime(true);
            try {
                $insert->execute(array_values($template));
                $inserts++;
            } catch (PDOException $exception) {
                $this->assertSame('55P03', $exception->getCode());
                $locked++;
            }
            $longest = max($longest, (hrtime(true) - $started) / 1e6);
            usleep(3000);
        }
        $pdo->exec('set lock_timeout = 0');

        return [$inserts, $longest, $locked];
    }
}
