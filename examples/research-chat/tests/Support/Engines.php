<?php

namespace Tests\Support;

use Illuminate\Support\Facades\Artisan;
use Illuminate\Support\Facades\DB;

/** Runs the application on another database engine for one test. */
final class Engines
{
    public const NAMES = ['pgsql' => ['RC_PGSQL_URL', 'PostgreSQL'], 'mariadb' => ['RC_MARIADB_URL', 'MariaDB']];

    /** Empty tables, all migrations run. */
    public static function fresh(string $engine): void
    {
        self::connect($engine);
        Artisan::call('migrate:fresh', ['--force' => true]);
    }

    public static function connect(string $engine): void
    {
        if ($engine !== 'sqlite') {
            [$variable, $name] = self::NAMES[$engine];
            config(["database.connections.{$engine}.url" => Services::url($variable, $name)]);
            DB::purge($engine);
        }
        config(['database.default' => $engine]);
        DB::setDefaultConnection($engine);
    }
}
