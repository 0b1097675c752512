<?php

namespace App\Console\Commands;

use App\Services\OptimizedEmbeddingGenerator;
use Illuminate\Console\Command;

class EmbedDocuments extends Command
{
    protected $signature = 'research:embed {--team= : only this team} {--verify : hash every content anew first}';

    protected $description = 'Embeds the documents whose content has no embedding yet';

    public function handle(OptimizedEmbeddingGenerator $generator): int
    {
        if ($this->option('verify')) {
            $this->info("{$generator->verifyHashes()} contents had changed unseen.");
        }
        $done = $generator->generatePending($this->option('team') ? (int) $this->option('team') : null);
        $this->info("{$done} documents embedded.");

        return self::SUCCESS;
    }
}
