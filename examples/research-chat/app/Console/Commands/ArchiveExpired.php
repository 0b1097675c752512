<?php

namespace App\Console\Commands;

use App\Repositories\OptimizedKnowledgeRepository;
use Illuminate\Console\Command;

class ArchiveExpired extends Command
{
    protected $signature = 'research:archive-expired';

    protected $description = 'Archives the documents whose time is over, and forgotten drafts';

    public function handle(OptimizedKnowledgeRepository $documents): int
    {
        $this->info("{$documents->archiveExpired()} expired documents archived.");
        $this->info("{$documents->archiveForgottenDrafts()} forgotten drafts archived.");

        return self::SUCCESS;
    }
}
