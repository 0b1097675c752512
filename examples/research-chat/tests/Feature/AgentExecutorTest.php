<?php

namespace Tests\Feature;

use App\Events\AgentExecutionCompleted;
use App\Events\AgentExecutionStarted;
use App\Jobs\ProcessExecutionMetrics;
use App\Models\Agent;
use App\Models\AgentExecution;
use App\Models\ExecutionMetric;
use App\Services\AgentExecutor;
use App\Services\AiClient;
use Illuminate\Foundation\Testing\RefreshDatabase;
use Illuminate\Http\Client\ConnectionException;
use Illuminate\Http\Client\Request;
use Illuminate\Queue\Events\JobProcessing;
use Illuminate\Support\Facades\DB;
use Illuminate\Support\Facades\Event;
use Illuminate\Support\Facades\Http;
use Illuminate\Support\Facades\Queue;
use RuntimeException;
use Tests\Support\Services;
use Tests\TestCase;

class AgentExecutorTest extends TestCase
{
    use RefreshDatabase;

    public function test_a_healthy_primary_answers_and_the_fallback_is_not_asked(): void
    {
        Http::fake(['primary.test/*' => $this->answer('From the primary.'), 'fallback.test/*' => $this->answer('no')]);

        $execution = $this->execute();

        $this->assertSame(['completed', 'From the primary.', 'primary'], [$execution->status, $execution->response, $execution->endpoint]);
        Http::assertSentCount(1);
        Http::assertNotSent(fn (Request $request) => str_contains($request->url(), 'fallback'));
    }

    public function test_a_dead_primary_hands_over_to_the_fallback(): void
    {
        foreach ([fn () => throw new ConnectionException('refused'), Http::response('busy', 503), Http::response('slow down', 429)] as $failure) {
            Http::swap(new \Illuminate\Http\Client\Factory);
            Http::fake(['primary.test/*' => $failure, 'fallback.test/*' => $this->answer('From the fallback.')]);

            $execution = $this->execute();

            $this->assertSame(['completed', 'fallback'], [$execution->status, $execution->endpoint]);
        }
    }

    public function test_two_dead_endpoints_are_a_failed_run_and_no_exception(): void
    {
        Http::fake(['*' => Http::response('busy', 503)]);

        $execution = $this->execute();

        $this->assertSame('failed', $execution->status);
        $this->assertSame('Neither model endpoint answered.', $execution->error);
        $this->assertSame(1, ExecutionMetric::sole()->failures);
    }

    public function test_tls_is_verified_and_time_is_limited(): void
    {
        Http::fake(['primary.test/*' => function (Request $request, array $options) {
            $this->assertNotFalse($options['verify'] ?? true);
            $this->assertSame(5, $options['connect_timeout']);
            $this->assertSame(30, $options['timeout']);

            return $this->answer('ok');
        }]);

        $this->assertSame('completed', $this->execute()->status);
    }

    public function test_no_transaction_is_open_during_the_call_and_the_row_says_running(): void
    {
        $outside = DB::transactionLevel();
        Http::fake(['primary.test/*' => function () use ($outside) {
            $this->assertSame($outside, DB::transactionLevel());
            $this->assertSame('running', AgentExecution::sole()->status);

            return $this->answer('ok');
        }]);

        $this->assertSame('completed', $this->execute()->status);
    }

    public function test_the_metrics_job_is_queued_once_and_only_after_the_commit(): void
    {
        Queue::fake();
        Http::fake(['primary.test/*' => $this->answer('ok')]);

        $execution = $this->execute();
        Queue::assertPushed(ProcessExecutionMetrics::class, 1);
        Queue::assertPushed(fn (ProcessExecutionMetrics $job) => $job->executionId === $execution->id && $job->afterCommit === true);
    }

    public function test_the_metrics_job_does_not_run_for_what_is_rolled_back(): void
    {
        Http::fake(['primary.test/*' => $this->answer('ok')]);
        $ran = 0;
        Event::listen(JobProcessing::class, function () use (&$ran) {
            $ran++;
        });

        try {
            DB::transaction(function () use (&$ran) {
                $this->execute();
                $this->assertSame(0, $ran, 'Not before the commit.');
                throw new RuntimeException('rolled back');
            });
        } catch (RuntimeException) {
        }
        $this->assertSame(0, $ran);

        $this->execute();
        $this->assertSame(1, $ran);
    }

    public function test_the_metrics_job_adds_up_by_team_day_and_type(): void
    {
        Http::fake(['primary.test/*' => $this->answer('ok')]);
        $agent = Agent::factory()->research()->create();

        app(AgentExecutor::class)->execute($agent, 'one');
        app(AgentExecutor::class)->execute($agent, 'two');

        $metric = ExecutionMetric::sole();
        $this->assertSame([2, 0, 'research', 66], [$metric->executions, $metric->failures, $metric->agent_type, $metric->tokens]);
    }

    public function test_events_carry_the_agent_the_status_and_seconds(): void
    {
        Event::fake([AgentExecutionStarted::class, AgentExecutionCompleted::class]);
        Http::fake(['primary.test/*' => $this->answer('ok')]);

        $this->execute();

        Event::assertDispatched(AgentExecutionStarted::class, 1);
        Event::assertDispatched(fn (AgentExecutionCompleted $event) => $event->status === 'completed' && $event->duration > 0 && $event->duration < 2);
    }

    public function test_an_answer_is_streamed_in_pieces(): void
    {
        $chunks = ['Two ', 'words'];
        $lines = array_map(fn (string $text) => 'data: '.json_encode(['choices' => [['delta' => ['content' => $text]]]])."\n\n", $chunks);
        Http::fake(['primary.test/*' => Http::response(implode('', $lines)."data: {\"choices\":[],\"usage\":{\"prompt_tokens\":5,\"completion_tokens\":2}}\n\ndata: [DONE]\n\n")]);
        $pieces = [];

        $execution = app(AgentExecutor::class)->stream(Agent::factory()->create(), 'question', function (string $piece) use (&$pieces) {
            $pieces[] = $piece;
        });

        $this->assertSame($chunks, $pieces);
        $this->assertSame(['Two words', 2], [$execution->response, $execution->completion_tokens]);
    }

    public function test_a_primary_that_refuses_connections_costs_less_than_five_seconds(): void
    {
        $fallback = Services::url('RC_AI_URL', 'stand-in server');
        Http::allowStrayRequests();
        // Nothing listens on the discard port; 10.255.255.1 would not even refuse.
        foreach (['http://127.0.0.1:9', 'http://10.255.255.1:80'] as $dead) {
            config(['research.ai.primary_url' => $dead, 'research.ai.fallback_url' => $fallback]);
            $started = microtime(true);

            $execution = $this->execute();

            $this->assertSame(['completed', 'fallback'], [$execution->status, $execution->endpoint]);
            $this->assertLessThan(5.0 + 1.5, microtime(true) - $started);
        }
    }

    public function test_a_primary_that_stalls_is_cut_off(): void
    {
        $primary = Services::url('RC_AI_URL', 'stand-in server');
        $fallback = Services::url('RC_AI_FALLBACK_URL', 'second stand-in server');
        Http::allowStrayRequests();
        $limit = (int) (getenv('RC_STALL_SECONDS') ?: 3);
        config(['research.ai.primary_url' => $primary, 'research.ai.fallback_url' => $fallback, 'research.ai.timeout' => $limit]);
        Http::post("{$primary}/__control", ['stall' => true]);
        try {
            $started = microtime(true);

            $execution = $this->execute();

            $this->assertSame(['completed', 'fallback'], [$execution->status, $execution->endpoint]);
            $this->assertEqualsWithDelta($limit, microtime(true) - $started, 1.5);
        } finally {
            Http::post("{$primary}/__control", ['stall' => false]);
        }
    }

    public function test_against_the_stand_in_the_fallback_gets_no_request(): void
    {
        $primary = Services::url('RC_AI_URL', 'stand-in server');
        $fallback = Services::url('RC_AI_FALLBACK_URL', 'second stand-in server');
        Http::allowStrayRequests();
        config(['research.ai.primary_url' => $primary, 'research.ai.fallback_url' => $fallback]);
        $before = [Http::get("{$primary}/__stats")->json('chat'), Http::get("{$fallback}/__stats")->json('chat')];

        $this->assertSame('primary', $this->execute()->endpoint);

        $this->assertSame([$before[0] + 1, $before[1]], [Http::get("{$primary}/__stats")->json('chat'), Http::get("{$fallback}/__stats")->json('chat')]);
    }

    private function execute(): AgentExecution
    {
        $this->app->forgetInstance(AiClient::class);

        return app(AgentExecutor::class)->execute(Agent::factory()->research()->create(), 'What reduces coral bleaching?');
    }

    private function answer(string $content)
    {
        return Http::response([
            'choices' => [['message' => ['role' => 'assistant', 'content' => $content]]],
            'usage' => ['prompt_tokens' => 30, 'completion_tokens' => 3],
        ]);
    }
}
