<?php

namespace App\Support;

use Illuminate\Support\Facades\DB;

/**
 * Different values for many existing rows in one statement: update … set a = case id when … end.
 * (An upsert of a few columns fails on the other columns that must not be null.)
 */
final class BulkUpdate
{
    /**
     * @param  array<int, array<string, mixed>>  $rows  columns and values by id; every row has the same columns
     * @param  array<string, mixed>  $same  columns that get the same value everywhere
     */
    public static function run(string $table, array $rows, array $same = []): int
    {
        if ($rows === []) {
            return 0;
        }

        $grammar = DB::connection()->getQueryGrammar();
        $sets = $bindings = [];

        foreach (array_keys(reset($rows)) as $column) {
            $sets[] = $grammar->wrap($column).' = case id '.str_repeat('when ? then ? ', count($rows)).'end';
            foreach ($rows as $id => $values) {
                array_push($bindings, $id, $values[$column]);
            }
        }
        foreach ($same as $column => $value) {
            $sets[] = $grammar->wrap($column).' = ?';
            $bindings[] = $value;
        }

        $places = implode(', ', array_fill(0, count($rows), '?'));

        return DB::update(
            "update {$grammar->wrapTable($table)} set ".implode(', ', $sets)." where id in ({$places})",
            [...$bindings, ...array_keys($rows)],
        );
    }
}
