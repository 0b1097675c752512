<?php

namespace App\Support\SearchIndex;

use App\Support\SearchIndex;
use Illuminate\Database\Query\Builder;
use Illuminate\Database\QueryException;

/** A tsvector column with a GIN index that is built concurrently. */
class PostgresSearchIndex extends SearchIndex
{
    private const INDEX = 'documents_search_vector_index';

    private const VECTOR = "setweight(to_tsvector('simple', title), 'A') || setweight(to_tsvector('simple', description), 'B')";

    public function prepare(): void
    {
        // A nullable column without a default is a change of the catalogue, no rewrite; a generated one would rewrite the table.
        $this->shortly('alter table '.self::TABLE.' add column if not exists search_vector tsvector');
        $this->connection->unprepared('create or replace function knowledge_documents_search_vector() returns trigger language plpgsql as $$
            begin
                new.search_vector := '.str_replace(['title', 'description'], ['new.title', 'new.description'], self::VECTOR).';
                return new;
            end $$');
        $this->shortly('create or replace trigger knowledge_documents_search_vector before insert or update of title, description
            on '.self::TABLE.' for each row execute function knowledge_documents_search_vector()');
    }

    protected function fill(int $first, int $last): void
    {
        $this->connection->update('update '.self::TABLE.' set search_vector = '.self::VECTOR.'
            where id > ? and id <= ? and search_vector is null', [$first, $last]);
    }

    public function finish(): void
    {
        // fastupdate collects entries and pays for them all in one unlucky insert; off, each pays its own share.
        $this->concurrently(self::INDEX, 'using gin (search_vector) with (fastupdate = off)');
    }

    public function drop(): void
    {
        $this->dropIndex(self::INDEX);
        $this->shortly('drop trigger if exists knowledge_documents_search_vector on '.self::TABLE);
        $this->connection->unprepared('drop function if exists knowledge_documents_search_vector()');
        $this->shortly('alter table '.self::TABLE.' drop column if exists search_vector');
    }

    public function createIndex(string $name, array $columns): void
    {
        $this->concurrently($name, '('.implode(', ', $columns).')');
    }

    public function dropIndex(string $name, array $columns = []): void
    {
        $this->connection->unprepared("drop index concurrently if exists {$name}");
    }

    public function match(Builder $query, array $terms, bool $all): void
    {
        $words = implode($all ? ' & ' : ' | ', array_map(fn (string $term) => "'".str_replace("'", "''", $term)."'", $terms));

        $query->whereRaw("search_vector @@ to_tsquery('simple', ?)", [$words]);
    }

    /** What is left of a build that was killed is an invalid index: it goes first. */
    private function concurrently(string $name, string $definition): void
    {
        $invalid = $this->connection->scalar('select count(*) from pg_class c join pg_index i on i.indexrelid = c.oid
            where c.relname = ? and not i.indisvalid', [$name]);
        if ($invalid) {
            $this->dropIndex($name);
        }
        $this->connection->unprepared("create index concurrently if not exists {$name} on ".self::TABLE." {$definition}");
    }

    /**
     * A statement that needs the whole table for an instant. It waits at most 15 ms for it, since
     * everybody else queues up behind the wait, and tries again.
     */
    private function shortly(string $statement): void
    {
        for ($try = 1; ; $try++) {
            try {
                $this->connection->transaction(function () use ($statement) {
                    $this->connection->unprepared("set local lock_timeout = '15ms'");
                    $this->connection->unprepared($statement);
                });

                return;
            } catch (QueryException $exception) {
                if ($exception->getCode() !== '55P03' || $try === 200) {
                    throw $exception;
                }
                usleep(random_int(20_000, 80_000));
            }
        }
    }
}
