<?php

namespace App\Metrics;

/** Where the figures live between requests, shared by all processes. */
interface MetricStore
{
    /**
     * @param  array<string, float>  $sums  added to what is there
     * @param  array<string, float>  $gauges  put in its place
     */
    public function add(array $sums, array $gauges): void;

    /** @return array<string, float> by series, sorted */
    public function all(): array;

    public function clear(): void;
}
