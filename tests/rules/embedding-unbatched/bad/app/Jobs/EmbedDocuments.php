<?php

namespace App\Jobs;

use App\Models\Document;
use Illuminate\Contracts\Queue\ShouldQueue;
use OpenAI\Laravel\Facades\OpenAI;

class EmbedDocuments implements ShouldQueue
{
    public function handle(): void
    {
        foreach (Document::whereNull('embedding')->get() as $document) {
            $answer = OpenAI::embeddings()->create(['model' => 'small', 'input' => $document->body]);
            $document->update(['embedding' => json_encode($answer->embeddings[0]->embedding)]);
        }
    }
}
