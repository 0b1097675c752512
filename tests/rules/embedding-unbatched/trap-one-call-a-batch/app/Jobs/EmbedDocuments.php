<?php

namespace App\Jobs;

use App\Models\Document;
use Illuminate\Contracts\Queue\ShouldQueue;
use OpenAI\Laravel\Facades\OpenAI;

class EmbedDocuments implements ShouldQueue
{
    public function handle(): void
    {
        foreach (Document::whereNull('embedding')->get()->chunk(50) as $chunk) {
            OpenAI::embeddings()->create(['model' => 'small', 'input' => $chunk->pluck('body')->all()]);
        }
    }
}
