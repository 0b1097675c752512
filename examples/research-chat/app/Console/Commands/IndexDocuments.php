<?php

namespace App\Console\Commands;

use App\Models\KnowledgeDocument;
use App\Services\PerformantMeilisearchConfig;
use Illuminate\Console\Command;
use Illuminate\Support\Collection;
use Meilisearch\Client;

class IndexDocuments extends Command
{
    protected $signature = 'research:index';

    protected $description = 'Sends all documents to the Meilisearch index, a thousand a request';

    public function handle(Client $meilisearch): int
    {
        $index = $meilisearch->index(config('research.search.index'));

        KnowledgeDocument::query()
            ->select(['id', 'team_id', 'user_id', 'title', 'description', 'content', 'content_type', 'privacy_level', 'status', 'expires_at', 'created_at'])
            ->with('tags:id,name')
            ->chunkById(PerformantMeilisearchConfig::BATCH_SIZE, fn (Collection $documents) => $index
                ->addDocuments($documents->map(fn (KnowledgeDocument $document) => [
                    ...$document->only(['id', 'team_id', 'user_id', 'title', 'description', 'content', 'content_type', 'privacy_level', 'status']),
                    'tags' => $document->tags->pluck('name')->all(),
                    'created_at' => $document->created_at->getTimestamp(),
                    'expires_at' => $document->expires_at?->getTimestamp(),
                ])->all(), 'id'));

        return self::SUCCESS;
    }
}
