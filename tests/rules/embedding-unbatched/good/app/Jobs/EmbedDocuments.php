<?php

namespace App\Jobs;

use App\Models\Document;
use Illuminate\Contracts\Queue\ShouldQueue;
use OpenAI\Laravel\Facades\OpenAI;

class EmbedDocuments implements ShouldQueue
{
    public function handle(): void
    {
        $documents = Document::whereNull('embedding')->limit(100)->get();
        $answer = OpenAI::embeddings()->create(['model' => 'small', 'input' => $documents->pluck('body')->all()]);
        foreach ($documents as $i => $document) {
            $document->update(['embedding' => json_encode($answer->embeddings[$i]->embedding)]);
        }
    }
}
