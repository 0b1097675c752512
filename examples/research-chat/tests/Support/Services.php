<?php

namespace Tests\Support;

use PHPUnit\Framework\Assert;

/**
 * Servers that some tests need, given by the environment. A test whose server is not given is
 * skipped and says so; nothing is started from here but PHP's own web server.
 *
 *   RC_AI_URL, RC_AI_FALLBACK_URL   two stand-in model servers (the first also answers as Meilisearch)
 *   RC_PGSQL_URL, RC_MARIADB_URL    empty databases that may be wiped
 *   RC_REDIS_URL                    a Redis whose databases 0 and 1 may be wiped
 *   RC_CHROMEDRIVER_URL             a running chromedriver
 *   RC_PROMETHEUS                   the path of a prometheus binary
 */
final class Services
{
    public static function url(string $name, string $what): string
    {
        $value = (string) getenv($name);
        if ($value === '') {
            Assert::markTestSkipped("{$name} is not set: no {$what} for this test.");
        }

        return rtrim($value, '/');
    }
}
