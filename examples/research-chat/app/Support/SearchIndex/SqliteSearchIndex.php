<?php

namespace App\Support\SearchIndex;

use App\Support\SearchIndex;
use Illuminate\Database\Query\Builder;
use Illuminate\Database\Schema\Blueprint;
use Illuminate\Support\Facades\Schema;

/** FTS5, in a table of its own that triggers keep current. */
class SqliteSearchIndex extends SearchIndex
{
    private const INDEX = 'knowledge_documents_fts';

    public function prepare(): void
    {
        $index = self::INDEX;
        $table = self::TABLE;

        $this->connection->unprepared("create virtual table if not exists {$index}
            using fts5(title, description, tokenize = 'unicode61 remove_diacritics 0')");
        $this->connection->unprepared("create trigger if not exists {$table}_fts_insert after insert on {$table} begin
            insert or replace into {$index}(rowid, title, description) values (new.id, new.title, new.description); end");
        $this->connection->unprepared("create trigger if not exists {$table}_fts_update after update of title, description on {$table} begin
            insert or replace into {$index}(rowid, title, description) values (new.id, new.title, new.description); end");
        $this->connection->unprepared("create trigger if not exists {$table}_fts_delete after delete on {$table} begin
            delete from {$index} where rowid = old.id; end");
    }

    protected function fill(int $first, int $last): void
    {
        $this->connection->statement('insert or replace into '.self::INDEX.'(rowid, title, description)
            select id, title, description from '.self::TABLE.' where id > ? and id <= ?', [$first, $last]);
    }

    public function finish(): void
    {
        $this->connection->unprepared('insert into '.self::INDEX.'('.self::INDEX.") values ('optimize')");
    }

    public function drop(): void
    {
        foreach (['insert', 'update', 'delete'] as $event) {
            $this->connection->unprepared('drop trigger if exists '.self::TABLE."_fts_{$event}");
        }
        $this->connection->unprepared('drop table if exists '.self::INDEX);
    }

    public function createIndex(string $name, array $columns): void
    {
        if (! Schema::hasIndex(self::TABLE, $name)) {
            Schema::table(self::TABLE, fn (Blueprint $table) => $table->index($columns, $name));
        }
    }

    public function dropIndex(string $name, array $columns): void
    {
        $this->connection->unprepared("drop index if exists {$name}");
    }

    public function match(Builder $query, array $terms, bool $all): void
    {
        $words = array_map(fn (string $term) => '"'.str_replace('"', '""', $term).'"', $terms);

        $query->join(self::INDEX, self::INDEX.'.rowid', '=', self::TABLE.'.id')
            ->whereRaw(self::INDEX.' match ?', [implode($all ? ' AND ' : ' OR ', $words)]);
    }
}
