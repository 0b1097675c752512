<?php

namespace App\Jobs;

use Illuminate\Bus\Queueable;
use Illuminate\Contracts\Queue\ShouldQueue;
use Illuminate\Foundation\Bus\Dispatchable;
use OpenAI\Laravel\Facades\OpenAI;

class AskModel implements ShouldQueue
{
    use Dispatchable, Queueable;

    public function __construct(public string $text)
    {
    }

    public function handle(): void
    {
        OpenAI::chat()->create(['model' => 'small', 'messages' => [['role' => 'user', 'content' => $this->text]]]);
    }
}
