<?php

namespace App\Support\SearchIndex;

use App\Support\SearchIndex;
use Illuminate\Database\Query\Builder;
use Illuminate\Support\Facades\Schema;

/**
 * A table of its own with a FULLTEXT index: adding the first one to a big InnoDB table rebuilds it
 * and shuts out writers. Triggers and a foreign key keep it current.
 */
class MariaDbSearchIndex extends SearchIndex
{
    private const INDEX = 'knowledge_documents_search';

    public function prepare(): void
    {
        $index = self::INDEX;
        $table = self::TABLE;

        $this->connection->unprepared("create table if not exists {$index} (
            document_id bigint unsigned not null primary key, title varchar(255) not null, description varchar(500) not null,
            fulltext key {$index}_text (title, description),
            foreign key (document_id) references {$table} (id) on delete cascade)");
        $this->connection->unprepared("create trigger if not exists {$table}_search_insert after insert on {$table} for each row
            replace into {$index} (document_id, title, description) values (new.id, new.title, new.description)");
        $this->connection->unprepared("create trigger if not exists {$table}_search_update after update on {$table} for each row
            if new.title <> old.title or new.description <> old.description then
                replace into {$index} (document_id, title, description) values (new.id, new.title, new.description);
            end if");
    }

    protected function fill(int $first, int $last): void
    {
        $this->connection->affectingStatement('replace into '.self::INDEX.' (document_id, title, description)
            select id, title, description from '.self::TABLE.' where id > ? and id <= ?', [$first, $last]);
    }

    public function finish(): void
    {
        //
    }

    public function drop(): void
    {
        foreach (['insert', 'update'] as $event) {
            $this->connection->unprepared('drop trigger if exists '.self::TABLE."_search_{$event}");
        }
        Schema::dropIfExists(self::INDEX);
    }

    public function createIndex(string $name, array $columns): void
    {
        if (! Schema::hasIndex(self::TABLE, $name)) {
            $this->connection->unprepared('alter table '.self::TABLE." add index {$name} (".implode(', ', $columns).'), algorithm = inplace, lock = none');
        }
    }

    /** A foreign key may lean on this index by now: it gets one of its own in the same statement. */
    public function dropIndex(string $name, array $columns): void
    {
        if (Schema::hasIndex(self::TABLE, $name)) {
            $foreign = self::TABLE."_{$columns[0]}_foreign";
            $instead = str_ends_with($columns[0], '_id') ? "add index {$foreign} ({$columns[0]}), " : '';
            $this->connection->unprepared('alter table '.self::TABLE." {$instead}drop index {$name}");
        }
    }

    public function match(Builder $query, array $terms, bool $all): void
    {
        $query->join(self::INDEX, self::INDEX.'.document_id', '=', self::TABLE.'.id');

        // InnoDB does not index words of one or two letters.
        $long = array_filter($terms, fn (string $term) => mb_strlen($term) >= 3);
        if (! $long) {
            $this->matchShort($query, $terms);

            return;
        }

        $words = implode(' ', array_map(fn (string $term) => ($all ? '+' : '').$term, $long));
        $query->whereRaw('match('.self::INDEX.'.title, '.self::INDEX.'.description) against (? in boolean mode)', [$words]);
    }

    private function matchShort(Builder $query, array $terms): void
    {
        foreach ($terms as $term) {
            $query->where(fn (Builder $either) => $either
                ->whereRaw("concat(' ', ".self::INDEX.".title, ' ') like ?", ["% {$term} %"])
                ->orWhereRaw("concat(' ', ".self::INDEX.".description, ' ') like ?", ["% {$term} %"]));
        }
    }
}
