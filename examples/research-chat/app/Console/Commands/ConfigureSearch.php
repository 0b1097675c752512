<?php

namespace App\Console\Commands;

use App\Services\PerformantMeilisearchConfig;
use Illuminate\Console\Command;

class ConfigureSearch extends Command
{
    protected $signature = 'research:configure-search {index?}';

    protected $description = 'Sends the settings to the Meilisearch index';

    public function handle(PerformantMeilisearchConfig $config): int
    {
        $config->optimizeIndexForSearch($this->argument('index') ?? config('research.search.index'));
        $this->info('Settings sent. The server itself wants at its start:');
        foreach ($config->serverOptions() as $name => $value) {
            $this->line("  {$name}={$value}");
        }

        return self::SUCCESS;
    }
}
