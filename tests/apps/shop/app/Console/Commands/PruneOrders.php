<?php

namespace App\Console\Commands;

use Illuminate\Console\Command;

class PruneOrders extends Command
{
    protected $signature = 'orders:prune {--force}';
    public function handle() {}
}
