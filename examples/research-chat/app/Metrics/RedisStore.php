<?php

namespace App\Metrics;

use Illuminate\Support\Facades\Redis;

class RedisStore implements MetricStore
{
    private const KEY = 'metrics';

    public function add(array $sums, array $gauges): void
    {
        Redis::pipeline(function ($pipe) use ($sums, $gauges) {
            foreach ($sums as $series => $value) {
                $pipe->hincrbyfloat(self::KEY, $series, $value);
            }
            foreach ($gauges as $series => $value) {
                $pipe->hset(self::KEY, $series, $value);
            }
        });
    }

    public function all(): array
    {
        $all = array_map(floatval(...), Redis::hgetall(self::KEY));
        ksort($all);

        return $all;
    }

    public function clear(): void
    {
        Redis::del(self::KEY);
    }
}
