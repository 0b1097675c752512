<?php

namespace Tests\Support;

use Closure;
use Illuminate\Support\Facades\DB;

/** What a piece of code asks of the database. */
final class Statements
{
    /** @return list<string> */
    public static function during(Closure $work): array
    {
        DB::flushQueryLog();
        DB::enableQueryLog();
        try {
            $work();

            return array_column(DB::getQueryLog(), 'query');
        } finally {
            DB::disableQueryLog();
            DB::flushQueryLog();
        }
    }
}
