<?php

namespace App\Metrics;

/**
 * Counters, gauges and histograms of this application. They add up in memory and go to the store
 * once, at the end of a request or job; a worker that lives long keeps nothing of earlier ones.
 */
class Metrics
{
    /** Seconds for what ends in _seconds; upper bounds of the histogram's buckets. */
    public const BUCKETS = [0.005, 0.025, 0.1, 0.25, 0.5, 1.0, 2.0, 5.0, 10.0, 30.0];

    /** Distinct series kept in memory between two flushes; more are dropped and counted. */
    private const LIMIT = 2000;

    /** @var array<string, float> */
    private array $sums = [];

    /** @var array<string, float> */
    private array $gauges = [];

    public function __construct(private MetricStore $store)
    {
    }

    public function increment(string $metric, float $value = 1, array $tags = []): void
    {
        $series = self::series($metric, $tags);
        if (! isset($this->sums[$series]) && count($this->sums) >= self::LIMIT) {
            $series = self::series('metrics_dropped_total', []);
        }
        $this->sums[$series] = ($this->sums[$series] ?? 0) + $value;
    }

    public function observe(string $metric, float $value, array $tags = []): void
    {
        $this->increment("{$metric}_sum", $value, $tags);
        $this->increment("{$metric}_count", 1, $tags);
        foreach (self::BUCKETS as $bound) {
            if ($value <= $bound) {
                $this->increment("{$metric}_bucket", 1, [...$tags, 'le' => (string) $bound]);
            }
        }
        $this->increment("{$metric}_bucket", 1, [...$tags, 'le' => '+Inf']);
    }

    public function gauge(string $metric, float $value, array $tags = []): void
    {
        $this->gauges[self::series($metric, $tags)] = $value;
    }

    public function flush(): void
    {
        if ($this->sums === [] && $this->gauges === []) {
            return;
        }
        [$sums, $gauges, $this->sums, $this->gauges] = [$this->sums, $this->gauges, [], []];
        $this->store->add($sums, $gauges);
    }

    /** What one series counts now, the unflushed part included. */
    public function value(string $metric, array $tags = []): float
    {
        $series = self::series($metric, $tags);

        return ($this->store->all()[$series] ?? 0) + ($this->sums[$series] ?? 0);
    }

    /** Everything stored, in Prometheus' text format 0.0.4. */
    public function render(): string
    {
        $this->flush();
        $families = [];
        foreach ($this->store->all() as $series => $value) {
            $families[self::family($series)][$series] = $value;
        }
        ksort($families);

        $lines = [];
        foreach ($families as $family => $series) {
            $lines[] = "# TYPE {$family} ".self::type($family, array_key_first($series));
            foreach ($series as $name => $value) {
                $lines[] = $name.' '.(is_finite($value) ? rtrim(rtrim(sprintf('%.6F', $value), '0'), '.') : 'NaN');
            }
        }

        return implode("\n", $lines)."\n";
    }

    private static function series(string $metric, array $tags): string
    {
        if ($tags === []) {
            return "research_{$metric}";
        }
        $labels = [];
        foreach ($tags as $name => $value) {
            $labels[] = $name.'="'.strtr((string) $value, ['\\' => '\\\\', '"' => '\\"', "\n" => '\\n']).'"';
        }

        return "research_{$metric}{".implode(',', $labels).'}';
    }

    private static function family(string $series): string
    {
        $name = strtok($series, '{');

        return preg_replace('/_(bucket|sum|count)$/', '', $name);
    }

    private static function type(string $family, string $first): string
    {
        return match (true) {
            str_ends_with($family, '_total') => 'counter',
            (bool) preg_match('/_(bucket|sum|count)(\{|$)/', $first) => 'histogram',
            default => 'gauge',
        };
    }
}
