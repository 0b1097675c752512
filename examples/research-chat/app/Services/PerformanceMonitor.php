<?php

namespace App\Services;

use App\Events\AgentExecutionCompleted;
use App\Events\AgentExecutionStarted;
use App\Metrics\Metrics;
use Illuminate\Database\Events\QueryExecuted;
use Illuminate\Support\Facades\DB;
use Illuminate\Support\Facades\Event;
use Illuminate\Support\Facades\Log;
use Livewire\Component;

use function Livewire\on;

/** Listens once, at boot, to statements, Livewire components and agents, and counts. */
class PerformanceMonitor
{
    /** Frames looked at to find the application's line behind a slow statement. */
    private const FRAMES = 60;

    /** @var list<array{object, int, int}> components being rendered: which, since when (ns), time in nested ones (ns) */
    private array $rendering = [];

    public function __construct(private Metrics $metrics)
    {
    }

    public function measureQueryPerformance(): void
    {
        $slow = (float) config('research.monitor.slow_query_ms');
        $counted = (float) config('research.monitor.counted_query_ms');

        DB::listen(function (QueryExecuted $query) use ($slow, $counted) {
            $this->metrics->increment('db_queries_total', 1, ['connection' => $query->connectionName]);
            $this->metrics->increment('db_query_seconds_total', $query->time / 1000, ['connection' => $query->connectionName]);

            if ($query->time > $counted) {
                $this->metrics->increment('db_slow_queries_total', 1, ['connection' => $query->connectionName]);
            }
            if ($query->time > $slow) {
                Log::channel('performance')->warning('Slow query', [
                    'sql' => $query->sql,
                    'bindings' => count($query->bindings),
                    'time_ms' => $query->time,
                    'connection' => $query->connectionName,
                    'caller' => $this->caller(),
                ]);
            }
        });
    }

    /**
     * From mount or hydrate to destroy, each component by itself: a stack, because components
     * nest. The time of a nested one is in its parent's total and not in its parent's own.
     */
    public function measureLivewirePerformance(): void
    {
        on('mount', fn (Component $component) => $this->begin($component));
        on('hydrate', fn (Component $component) => $this->begin($component));
        on('destroy', fn (Component $component) => $this->end($component));
    }

    public function measureAgentPerformance(): void
    {
        Event::listen(function (AgentExecutionStarted $event) {
            $this->metrics->increment('agent_executions_started_total', 1, ['agent_type' => $event->agent->type]);
        });

        Event::listen(function (AgentExecutionCompleted $event) {
            $this->metrics->observe('agent_execution_seconds', $event->duration, [
                'agent_type' => $event->agent->type,
                'status' => $event->status,
            ]);
        });
    }

    /** A request or job is over: write its figures, and forget components that an exception left open. */
    public function flush(): void
    {
        $this->rendering = [];
        $this->metrics->flush();
    }

    private function begin(object $component): void
    {
        $this->rendering[] = [$component, hrtime(true), 0];
    }

    private function end(object $component): void
    {
        while ($open = array_pop($this->rendering)) {
            if ($open[0] !== $component) {
                continue;
            }
            $took = hrtime(true) - $open[1];
            $tags = ['component' => $component->getName()];
            $this->metrics->observe('livewire_component_seconds', $took / 1e9, $tags);
            $this->metrics->increment('livewire_component_own_seconds_total', ($took - $open[2]) / 1e9, $tags);

            if ($this->rendering !== []) {
                $this->rendering[array_key_last($this->rendering)][2] += $took;
            }

            return;
        }
    }

    /** The nearest frame of the application, outside vendor and this class. */
    private function caller(): string
    {
        foreach (debug_backtrace(DEBUG_BACKTRACE_IGNORE_ARGS, self::FRAMES) as $frame) {
            $file = $frame['file'] ?? '';
            if ($file !== '' && $file !== __FILE__ && ! str_starts_with($file, base_path('vendor')) && str_starts_with($file, base_path())) {
                return substr($file, strlen(base_path()) + 1).':'.($frame['line'] ?? 0);
            }
        }

        return 'unknown';
    }
}
