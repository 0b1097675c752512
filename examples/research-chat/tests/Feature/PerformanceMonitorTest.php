<?php

namespace Tests\Feature;

use App\Events\AgentExecutionCompleted;
use App\Events\AgentExecutionStarted;
use App\Metrics\Metrics;
use App\Models\Agent;
use App\Models\AgentExecution;
use App\Services\PerformanceMonitor;
use Illuminate\Database\Events\QueryExecuted;
use Illuminate\Foundation\Testing\RefreshDatabase;
use Illuminate\Http\Request;
use Illuminate\Support\Facades\DB;
use Illuminate\Support\Facades\Event;
use Illuminate\Support\Facades\File;
use Illuminate\Support\Facades\Http;
use Livewire\EventBus;
use Livewire\Livewire;
use ReflectionProperty;
use Symfony\Component\Process\Process;
use Tests\Support\AppServer;
use Tests\Support\Components\Inner;
use Tests\Support\Components\Outer;
use Tests\Support\Services;
use Tests\TestCase;

class PerformanceMonitorTest extends TestCase
{
    use RefreshDatabase;

    private Metrics $metrics;

    protected function setUp(): void
    {
        parent::setUp();
        $this->metrics = app(Metrics::class);
        DB::connection()->getPdo()->sqliteCreateFunction('nap', function (int $ms) {
            usleep($ms * 1000);

            return $ms;
        });
    }

    public function test_a_slow_statement_is_logged_with_its_caller_and_one_above_100_ms_is_counted(): void
    {
        $log = tempnam(sys_get_temp_dir(), 'slow');
        config(['logging.channels.performance' => ['driver' => 'single', 'path' => $log]]);
        $slow = fn () => $this->metrics->value('db_slow_queries_total', ['connection' => 'sqlite']);

        DB::select('select nap(10)');
        $this->assertSame(0.0, $slow());

        DB::select('select nap(130)');
        $this->assertSame(1.0, $slow());
        $this->assertSame('', file_get_contents($log));

        $line = __LINE__ + 1;
        DB::select('select nap(?)', [1050]);
        $this->assertSame(2.0, $slow());
        $this->assertStringContainsString('select nap(?)', file_get_contents($log));
        $this->assertStringContainsString('tests/Feature/PerformanceMonitorTest.php:'.$line, file_get_contents($log));
        $this->assertGreaterThanOrEqual(3.0, $this->metrics->value('db_queries_total', ['connection' => 'sqlite']));
        unlink($log);
    }

    public function test_nested_components_are_timed_each_by_itself(): void
    {
        Livewire::component('outer', Outer::class);
        Livewire::component('inner', Inner::class);

        Livewire::test('outer')->assertSee('inner');
        [$outer, $inner] = [['component' => 'outer'], ['component' => 'inner']];

        $this->assertSame(1.0, $this->metrics->value('livewire_component_seconds_count', $outer));
        $this->assertSame(1.0, $this->metrics->value('livewire_component_seconds_count', $inner));
        $total = $this->metrics->value('livewire_component_seconds_sum', $outer);
        $nested = $this->metrics->value('livewire_component_seconds_sum', $inner);
        $own = $this->metrics->value('livewire_component_own_seconds_total', $outer);
        $this->assertGreaterThanOrEqual(0.060, $nested);
        $this->assertGreaterThanOrEqual(0.090, $total);
        $this->assertEqualsWithDelta($total - $nested, $own, 0.000001);
        $this->assertGreaterThanOrEqual(0.030, $own);
        $this->assertLessThan($nested, $own);
    }

    public function test_an_update_is_counted_once_however_many_there_were_before(): void
    {
        Livewire::component('inner', Inner::class);
        $component = Livewire::test('inner');
        foreach (range(1, 4) as $n) {
            $component->call('$refresh');
            $this->assertSame($n + 1.0, $this->metrics->value('livewire_component_seconds_count', ['component' => 'inner']));
        }
    }

    public function test_agents_are_counted_by_type_and_status(): void
    {
        $agent = Agent::factory()->research()->create();
        $execution = AgentExecution::factory()->create(['agent_id' => $agent->id]);

        AgentExecutionStarted::dispatch($agent, $execution);
        AgentExecutionCompleted::dispatch($agent, $execution, 'completed', 1.5);
        AgentExecutionCompleted::dispatch($agent, $execution, 'failed', 0.2);

        $this->assertSame(1.0, $this->metrics->value('agent_executions_started_total', ['agent_type' => 'research']));
        $this->assertSame(1.5, $this->metrics->value('agent_execution_seconds_sum', ['agent_type' => 'research', 'status' => 'completed']));
        $this->assertSame(1.0, $this->metrics->value('agent_execution_seconds_count', ['agent_type' => 'research', 'status' => 'failed']));
        $this->assertSame(1.0, $this->metrics->value('agent_execution_seconds_bucket', ['agent_type' => 'research', 'status' => 'completed', 'le' => '2']));
        $this->assertSame(0.0, $this->metrics->value('agent_execution_seconds_bucket', ['agent_type' => 'research', 'status' => 'completed', 'le' => '1']));
    }

    public function test_ten_thousand_requests_in_one_worker_leave_nothing_behind(): void
    {
        $agent = Agent::factory()->create();
        $execution = AgentExecution::factory()->create(['agent_id' => $agent->id]);
        $work = function (int $requests) use ($agent, $execution) {
            for ($i = 0; $i < $requests; $i++) {
                $this->app->handle(Request::create('/metrics'));
                DB::select('select 1');
                AgentExecutionStarted::dispatch($agent, $execution);
                AgentExecutionCompleted::dispatch($agent, $execution, 'completed', 0.1);
                app(PerformanceMonitor::class)->flush();
            }
            gc_collect_cycles();

            return memory_get_usage();
        };
        $listeners = $this->listeners();
        $work(500);

        $before = $work(100);
        $after = $work(10_000);

        $this->assertLessThan(128 * 1024, $after - $before);
        $this->assertSame($listeners, $this->listeners());
    }

    /** Livewire itself keeps each component until PHP 8.3 (a WeakMap whose values hold their keys), so this counts instead of weighing. */
    public function test_a_thousand_components_leave_no_listener_and_nothing_open(): void
    {
        $this->actingAs(Agent::factory()->create()->owner);
        $monitor = app(PerformanceMonitor::class);
        $listeners = $this->listeners();

        for ($i = 0; $i < 1_000; $i++) {
            Livewire::mount('settings-form');
        }

        $this->assertSame(1000.0, $this->metrics->value('livewire_component_seconds_count', ['component' => 'settings-form']));
        $this->assertSame($listeners, $this->listeners());
        $this->assertSame([], (new ReflectionProperty($monitor, 'rendering'))->getValue($monitor));
    }

    public function test_components_that_an_exception_left_open_are_forgotten(): void
    {
        Livewire::component('broken', new class extends \Livewire\Component
        {
            public function render(): string
            {
                throw new \RuntimeException('broken');
            }
        });
        try {
            Livewire::mount('broken');
        } catch (\Throwable) {
        }
        app(PerformanceMonitor::class)->flush();
        Livewire::component('inner', Inner::class);
        Livewire::test('inner');

        $this->assertSame(0.0, $this->metrics->value('livewire_component_seconds_count', ['component' => 'broken']));
        $this->assertSame(1.0, $this->metrics->value('livewire_component_seconds_count', ['component' => 'inner']));
    }

    public function test_the_endpoint_speaks_prometheus_text_and_wants_its_token(): void
    {
        $this->metrics->increment('db_queries_total', 3, ['connection' => 'a"b\\c']);
        $this->metrics->observe('agent_execution_seconds', 0.3, ['agent_type' => 'x', 'status' => 'completed']);

        $text = $this->get('/metrics')->assertOk()->assertHeader('Content-Type', 'text/plain; version=0.0.4; charset=utf-8')->getContent();
        $this->assertStringContainsString('research_db_queries_total{connection="a\\"b\\\\c"} 3', $text);
        $this->assertStringContainsString("# TYPE research_agent_execution_seconds histogram\n", $text);
        $this->assertStringContainsString('le="+Inf"} 1', $text);

        config(['research.metrics.token' => 'secret']);
        $this->get('/metrics')->assertForbidden();
        $this->get('/metrics', ['Authorization' => 'Bearer secret'])->assertOk();
    }

    public function test_a_real_prometheus_scrapes_it(): void
    {
        $binary = Services::url('RC_PROMETHEUS', 'Prometheus');
        Http::allowStrayRequests();
        $server = AppServer::start(seed: true);
        $port = AppServer::freePort();
        $folder = "{$server->folder}/prometheus";
        File::ensureDirectoryExists($folder);
        File::put("{$folder}/prometheus.yml", json_encode(['scrape_configs' => [[
            'job_name' => 'research', 'scrape_interval' => '1s', 'static_configs' => [['targets' => [substr($server->url, 7)]]],
        ]]]));
        $prometheus = new Process([$binary, "--config.file={$folder}/prometheus.yml", "--storage.tsdb.path={$folder}/data", "--web.listen-address=127.0.0.1:{$port}"]);
        $prometheus->start();
        try {
            file_get_contents("{$server->url}/login");
            $ask = fn (string $query) => Http::timeout(2)->get("http://127.0.0.1:{$port}/api/v1/query", ['query' => $query])->json('data.result.0.value.1');

            $this->assertEventually(fn () => $ask('up{job="research"}') === '1');
            $this->assertEventually(fn () => (float) $ask('research_memory_peak_bytes') > 1e6);
        } finally {
            $prometheus->stop(1);
            $server->stop();
        }
    }

    /** @return array<string, int> who listens to what */
    private function listeners(): array
    {
        $livewire = (new ReflectionProperty(EventBus::class, 'listeners'))->getValue(app(EventBus::class));

        return ['statements' => count(Event::getListeners(QueryExecuted::class)), ...array_map(count(...), $livewire)];
    }

    private function assertEventually(callable $condition): void
    {
        for ($i = 0; $i < 60; $i++) {
            try {
                if ($condition()) {
                    $this->addToAssertionCount(1);

                    return;
                }
            } catch (\Illuminate\Http\Client\ConnectionException) {
            }
            usleep(500_000);
        }
        $this->fail('It did not happen within 30 s.');
    }
}
