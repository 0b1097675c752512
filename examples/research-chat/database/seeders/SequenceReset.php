<?php

namespace Database\Seeders;

use Illuminate\Support\Facades\DB;

/** PostgreSQL does not move its sequences when rows come with their ids. */
final class SequenceReset
{
    /** @param  list<string>  $tables */
    public static function run(array $tables): void
    {
        if (DB::getDriverName() !== 'pgsql') {
            return;
        }

        foreach ($tables as $table) {
            DB::statement("select setval(pg_get_serial_sequence('{$table}', 'id'), (select coalesce(max(id), 1) from {$table}))");
        }
    }
}
