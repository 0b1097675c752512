<?php

namespace App\Services;

use Illuminate\Http\Client\Pool;
use Illuminate\Http\Client\Response;
use Illuminate\Support\Facades\Cache;
use Illuminate\Support\Facades\Http;

/** Whether the servers that we depend on answer. Asked by the scheduler, all at once; pages read the last result. */
class EndpointHealth
{
    private const KEY = 'endpoint-health';

    private const TTL = 600;

    /** @return array<string, array{ok: bool, detail: string, checked_at: string}> */
    public function check(): array
    {
        $replies = Http::pool(fn (Pool $pool) => [
            $pool->as('primary')->connectTimeout(2)->timeout(4)->get(config('research.ai.primary_url').'/health'),
            $pool->as('fallback')->connectTimeout(2)->timeout(4)->get(config('research.ai.fallback_url').'/health'),
            $pool->as('search')->connectTimeout(2)->timeout(4)->get(config('research.search.host').'/health'),
        ]);

        $result = collect(['primary', 'fallback', 'search'])
            ->mapWithKeys(fn (string $name) => [$name => $this->verdict($replies[$name] ?? null)])
            ->all();
        Cache::put(self::KEY, $result, self::TTL);

        return $result;
    }

    public function last(): array
    {
        return Cache::get(self::KEY, []);
    }

    private function verdict(mixed $reply): array
    {
        return [
            'ok' => $reply instanceof Response && $reply->status() < 500,
            'detail' => $reply instanceof Response ? "HTTP {$reply->status()}" : 'no connection',
            'checked_at' => now()->toIso8601String(),
        ];
    }
}
