<?php

namespace App\Services;

/** The first cache level: compiled code. Nothing to do but to see that it works. */
class OpcacheStatus
{
    /** @return array{enabled: bool, scripts: int, hits: int, misses: int, used_bytes: int, restarts: int} */
    public function read(): array
    {
        $status = function_exists('opcache_get_status') ? opcache_get_status(false) : false;

        return [
            'enabled' => (bool) ($status['opcache_enabled'] ?? false),
            'scripts' => $status['opcache_statistics']['num_cached_scripts'] ?? 0,
            'hits' => $status['opcache_statistics']['hits'] ?? 0,
            'misses' => $status['opcache_statistics']['misses'] ?? 0,
            'used_bytes' => $status['memory_usage']['used_memory'] ?? 0,
            'restarts' => $status['opcache_statistics']['oom_restarts'] ?? 0,
        ];
    }
}
