<?php

namespace App\Console\Commands;

use App\Services\PerformanceCacheManager;
use Illuminate\Console\Command;

class WarmCaches extends Command
{
    protected $signature = 'research:warm';

    protected $description = 'Fills the caches that the first pages after a deployment need';

    public function handle(PerformanceCacheManager $cache): int
    {
        $cache->warmupCriticalCaches();
        $this->info('Warm.');

        return self::SUCCESS;
    }
}
