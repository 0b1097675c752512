<?php

namespace App\Observers;

use App\Jobs\GenerateEmbeddings;
use App\Models\KnowledgeDocument;
use App\Services\PerformanceCacheManager;

class KnowledgeDocumentObserver
{
    public function __construct(private PerformanceCacheManager $cache)
    {
    }

    public function saving(KnowledgeDocument $document): void
    {
        if ($document->isDirty('content')) {
            $document->content_hash = hash('sha256', $document->content);
            $document->word_count = str_word_count($document->content);
        }
    }

    public function saved(KnowledgeDocument $document): void
    {
        $this->cache->forgetDocument($document);

        if ($document->wasChanged('content')) {
            GenerateEmbeddings::dispatch($document->team_id)->afterCommit();
        }
    }

    public function deleted(KnowledgeDocument $document): void
    {
        $this->cache->forgetDocument($document);
    }
}
