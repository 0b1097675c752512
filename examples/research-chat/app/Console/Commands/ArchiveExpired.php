<?php

namespace App\Console\Commands;

use App\Repositories\OptimizedKnowledgeRepository;
use Illuminate\Console\Command;

class ArchiveExpired extends Command
{
    protected $signature = 'research:archive-expired';

    protected $description = 'Archives the documents whose time is over';

    public function handle(OptimizedKnowledgeRepository $documents): int
    {
        $this->info("{$documents->archiveExpired()} documents archived.");

        return self::SUCCESS;
    }
}
