<?php

namespace App\Jobs;

use Illuminate\Contracts\Queue\ShouldQueue;
use Illuminate\Foundation\Queue\Queueable;
use Illuminate\Support\Facades\Http;

class Ping implements ShouldQueue
{
    use Queueable;

    public function handle(): void
    {
        Http::get('http://203.0.113.9/job');
    }
}
