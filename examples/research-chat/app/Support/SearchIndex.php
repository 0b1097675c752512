<?php

namespace App\Support;

use App\Support\SearchIndex\MariaDbSearchIndex;
use App\Support\SearchIndex\PostgresSearchIndex;
use App\Support\SearchIndex\SqliteSearchIndex;
use Illuminate\Database\ConnectionInterface;
use Illuminate\Database\Query\Builder;

/**
 * The engine's own full-text index over title and description, and how an existing table comes
 * into it without holding up those who write. One subclass an engine.
 */
abstract class SearchIndex
{
    public const CHUNK = 1000;

    protected const TABLE = 'knowledge_documents';

    protected const BACKFILL = 'knowledge_documents.search_vector';

    final public function __construct(protected ConnectionInterface $connection)
    {
    }

    public static function for(ConnectionInterface $connection): self
    {
        return match ($connection->getDriverName()) {
            'pgsql' => new PostgresSearchIndex($connection),
            'mysql', 'mariadb' => new MariaDbSearchIndex($connection),
            default => new SqliteSearchIndex($connection),
        };
    }

    /** An empty place for the vectors, and triggers that keep it current. */
    abstract public function prepare(): void;

    /** Fills the rows with first < id <= last; one statement. */
    abstract protected function fill(int $first, int $last): void;

    /** What is cheaper once the rows are in. */
    abstract public function finish(): void;

    abstract public function drop(): void;

    /** @param  list<string>  $columns */
    abstract public function createIndex(string $name, array $columns): void;

    /** @param  list<string>  $columns */
    abstract public function dropIndex(string $name, array $columns): void;

    /**
     * Restricts a query on documents to the rows that the index finds.
     *
     * @param  list<string>  $terms
     */
    abstract public function match(Builder $query, array $terms, bool $all): void;

    /** Two statements a chunk: the rows, and how far we are. They commit together. */
    public function backfill(): void
    {
        $progress = $this->connection->table('backfills')->where('name', self::BACKFILL);
        $done = $progress->value('last_id');
        if ($done === null) {
            $this->connection->table('backfills')->insert(['name' => self::BACKFILL, 'last_id' => $done = 0]);
        }
        $end = (int) $this->connection->table(self::TABLE)->max('id');

        for ($first = (int) $done; $first < $end; $first = $last) {
            $last = min($end, $first + self::CHUNK);
            $started = hrtime(true);
            $this->connection->transaction(function () use ($first, $last) {
                $this->fill($first, $last);
                $this->connection->table('backfills')->where('name', self::BACKFILL)->update(['last_id' => $last]);
            });
            $this->rest(hrtime(true) - $started);
        }
    }

    /** Leaves half of the time to others; on a small table nobody notices. */
    private function rest(int $tookNs): void
    {
        usleep((int) min(100_000, $tookNs / 1000));
    }
}
