<?php

namespace App\Jobs;

use Illuminate\Bus\Queueable;
use Illuminate\Contracts\Queue\ShouldQueue;
use Illuminate\Foundation\Bus\Dispatchable;

class AskModel implements ShouldQueue
{
    use Dispatchable, Queueable;

    public function __construct(public int $room)
    {
    }

    public function handle(): void
    {
    }
}
