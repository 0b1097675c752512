<?php

namespace App\Metrics;

/** For tests: the figures of this process alone. */
class ArrayStore implements MetricStore
{
    /** @var array<string, float> */
    private array $all = [];

    public function add(array $sums, array $gauges): void
    {
        foreach ($sums as $series => $value) {
            $this->all[$series] = ($this->all[$series] ?? 0) + $value;
        }
        $this->all = [...$this->all, ...$gauges];
    }

    public function all(): array
    {
        ksort($this->all);

        return $this->all;
    }

    public function clear(): void
    {
        $this->all = [];
    }
}
