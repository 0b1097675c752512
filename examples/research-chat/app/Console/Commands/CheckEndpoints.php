<?php

namespace App\Console\Commands;

use App\Services\EndpointHealth;
use Illuminate\Console\Command;

class CheckEndpoints extends Command
{
    protected $signature = 'research:check-endpoints';

    protected $description = 'Asks the model and search servers, all at once, whether they answer';

    public function handle(EndpointHealth $health): int
    {
        foreach ($health->check() as $name => $verdict) {
            $this->line(sprintf('%-10s %-4s %s', $name, $verdict['ok'] ? 'ok' : 'down', $verdict['detail']));
        }

        return self::SUCCESS;
    }
}
