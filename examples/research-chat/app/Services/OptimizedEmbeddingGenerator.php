<?php

namespace App\Services;

use App\Models\KnowledgeDocument;
use App\Support\BulkUpdate;
use Illuminate\Database\Eloquent\Builder;
use Illuminate\Support\Collection;

/**
 * Embeddings for all documents whose content has none yet: 50 texts a call, one statement to
 * store them. What is done is known by the hash of the content it was done for, so a second run
 * asks for nothing, an edited document is done again, and a run that was killed goes on behind its
 * last stored batch. No transaction is open during a call.
 */
class OptimizedEmbeddingGenerator
{
    private const BATCH_SIZE = 50;

    /** Documents read at a time. */
    private const WINDOW = 1000;

    public function __construct(private AiClient $ai)
    {
    }

    /** @return int how many documents got their embedding */
    public function generatePending(?int $teamId = null): int
    {
        $done = 0;

        KnowledgeDocument::query()
            ->select(['id', 'content'])
            ->where(fn (Builder $pending) => $pending
                ->whereNull('embedding_hash')
                ->orWhereColumn('embedding_hash', '!=', 'content_hash'))
            ->when($teamId, fn (Builder $documents) => $documents->where('team_id', $teamId))
            ->chunkById(self::WINDOW, function (Collection $documents) use (&$done) {
                $done += $this->generateBatchEmbeddings($documents);
            });

        return $done;
    }

    /**
     * Hashes every content anew: finds texts that were changed by statements which no model saw.
     *
     * @return int how many hashes were wrong
     */
    public function verifyHashes(): int
    {
        $wrong = 0;

        KnowledgeDocument::query()
            ->select(['id', 'content', 'content_hash'])
            ->chunkById(self::WINDOW, function (Collection $documents) use (&$wrong) {
                $rows = $documents
                    ->reject(fn (KnowledgeDocument $document) => $document->content_hash === $this->hash($document->content))
                    ->mapWithKeys(fn (KnowledgeDocument $document) => [$document->id => ['content_hash' => $this->hash($document->content)]])
                    ->all();
                $wrong += BulkUpdate::run('knowledge_documents', $rows);
            });

        return $wrong;
    }

    /** @param  Collection<int, KnowledgeDocument>  $documents with id and content */
    public function generateBatchEmbeddings(Collection $documents): int
    {
        return $documents->chunk(self::BATCH_SIZE)->sum(fn (Collection $batch) => $this->processBatch($batch));
    }

    /** @param  Collection<int, KnowledgeDocument>  $batch */
    private function processBatch(Collection $batch): int
    {
        // The same text twice is asked for once.
        $texts = $batch->pluck('content')->unique()->values()->all();
        $vectors = array_combine(array_map($this->hash(...), $texts), $this->ai->embed($texts));

        $rows = [];
        foreach ($batch as $document) {
            $hash = $this->hash($document->content);
            $rows[$document->id] = [
                'embedding' => json_encode($vectors[$hash]),
                'embedding_hash' => $hash,
            ];
        }

        return BulkUpdate::run('knowledge_documents', $rows, ['embedding_generated_at' => now()]);
    }

    private function hash(string $content): string
    {
        return hash('sha256', $content);
    }
}
