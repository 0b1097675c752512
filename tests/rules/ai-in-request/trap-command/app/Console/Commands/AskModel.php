<?php

namespace App\Console\Commands;

use Illuminate\Console\Command;
use OpenAI\Laravel\Facades\OpenAI;

class AskModel extends Command
{
    protected $signature = 'model:ask {text}';

    public function handle(): void
    {
        OpenAI::chat()->create(['model' => 'small', 'messages' => [['role' => 'user', 'content' => $this->argument('text')]]]);
    }
}
