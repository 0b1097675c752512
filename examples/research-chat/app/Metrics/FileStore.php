<?php

namespace App\Metrics;

use Illuminate\Support\Facades\File;

/** One locked file: enough for a machine without Redis. */
class FileStore implements MetricStore
{
    public function __construct(private string $folder)
    {
    }

    public function add(array $sums, array $gauges): void
    {
        File::ensureDirectoryExists($this->folder);
        $file = fopen($this->path(), 'c+');
        if (! $file || ! flock($file, LOCK_EX)) {
            return;
        }
        $all = json_decode((string) stream_get_contents($file), true) ?: [];
        foreach ($sums as $series => $value) {
            $all[$series] = ($all[$series] ?? 0) + $value;
        }
        $all = [...$all, ...$gauges];
        rewind($file);
        $written = fwrite($file, (string) json_encode($all));
        ftruncate($file, (int) $written);
        fclose($file);
    }

    public function all(): array
    {
        $file = is_file($this->path()) ? fopen($this->path(), 'r') : false;
        if (! $file) {
            return [];
        }
        flock($file, LOCK_SH);
        $all = json_decode((string) stream_get_contents($file), true) ?: [];
        fclose($file);
        ksort($all);

        return array_map(floatval(...), $all);
    }

    public function clear(): void
    {
        File::delete($this->path());
    }

    private function path(): string
    {
        return $this->folder.'/metrics.json';
    }
}
