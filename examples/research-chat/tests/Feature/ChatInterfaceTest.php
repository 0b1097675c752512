<?php

namespace Tests\Feature;

use App\Jobs\ProcessChatMessage;
use App\Livewire\AgentDirectory;
use App\Livewire\ExecutionFeed;
use App\Livewire\KnowledgeBrowser;
use App\Livewire\OptimizedChatInterface;
use App\Livewire\SettingsForm;
use App\Models\Agent;
use App\Models\ChatMessage;
use App\Models\ChatSession;
use App\Models\KnowledgeDocument;
use App\Models\User;
use App\Services\ChatStream;
use Illuminate\Foundation\Testing\RefreshDatabase;
use Illuminate\Support\Facades\DB;
use Illuminate\Support\Facades\Http;
use Illuminate\Support\Facades\Queue;
use Livewire\Livewire;
use Tests\Support\Statements;
use Tests\TestCase;

/** The same on Livewire 3 and 4. */
class ChatInterfaceTest extends TestCase
{
    use RefreshDatabase;

    private User $user;

    private Agent $agent;

    protected function setUp(): void
    {
        parent::setUp();
        $this->user = User::factory()->create();
        $this->agent = Agent::factory()->research()->create(['team_id' => $this->user->team_id, 'user_id' => $this->user->id]);
        $this->actingAs($this->user);
    }

    public function test_the_snapshot_is_as_large_after_a_thousand_messages_as_after_ten(): void
    {
        $bytes = fn (int $messages) => strlen(json_encode(
            Livewire::test(OptimizedChatInterface::class, ['session' => $this->chat($messages)])->snapshot
        ));

        $this->assertEqualsWithDelta($bytes(10), $bytes(1_000), 64);
    }

    public function test_an_update_asks_for_nothing_that_it_does_not_show(): void
    {
        $component = Livewire::test(OptimizedChatInterface::class, ['session' => $this->chat(1_000)]);

        $picking = Statements::during(fn () => $component->call('toggleAgent', 99));
        $this->assertSame([], array_values(array_filter($picking, fn ($sql) => ! str_contains($sql, 'from "users"'))));

        // What is typed is searched for, once: the candidates and their owners; the second time it is cached.
        KnowledgeDocument::factory()->create(['title' => 'Coral reefs', 'user_id' => $this->user->id, 'team_id' => $this->user->team_id]);
        $first = Statements::during(fn () => $component->set('query', 'coral reefs'));
        $this->assertLessThanOrEqual(3, count($first));
        $component->assertSee('Coral reefs');
        $this->assertStringNotContainsString('chat_messages', implode(' ', $first));
        $component->set('query', 'x');
        $this->assertLessThanOrEqual(1, count(Statements::during(fn () => $component->set('query', 'coral reefs'))));
    }

    public function test_typing_waits_for_a_pause(): void
    {
        $html = Livewire::test(OptimizedChatInterface::class)->html();

        $this->assertStringContainsString('wire:model.live.debounce.300ms="query"', $html);
    }

    public function test_sending_stores_the_question_and_an_empty_answer_and_queues_the_agent(): void
    {
        Queue::fake();
        $session = $this->chat(4);

        Livewire::test(OptimizedChatInterface::class, ['session' => $session])
            ->set('query', 'What reduces bleaching?')
            ->set('selectedAgents', [$this->agent->id])
            ->call('sendMessage')
            ->assertHasNoErrors()
            ->assertSet('query', '')
            ->assertDispatched('message-sent');

        [$question, $answer] = $session->messages()->latest('id')->limit(2)->get()->reverse()->values()->all();
        $this->assertSame(['user', 'What reduces bleaching?', $this->user->id], [$question->role, $question->content, $question->user_id]);
        $this->assertSame(['assistant', '', 'pending'], [$answer->role, $answer->content, $answer->status]);
        $this->assertSame($question->id, $session->fresh()->last_message_id);
        Queue::assertPushed(fn (ProcessChatMessage $job) => $job->answerId === $answer->id && $job->afterCommit === true);
    }

    public function test_the_first_message_begins_a_session(): void
    {
        Queue::fake();

        Livewire::test(OptimizedChatInterface::class)->set('query', 'Begin')->set('selectedAgents', [$this->agent->id])->call('sendMessage')
            ->assertRedirect(route('chat.show', ChatSession::sole()));
    }

    public function test_bad_input_is_refused(): void
    {
        $component = Livewire::test(OptimizedChatInterface::class)->set('selectedAgents', [$this->agent->id]);
        $component->call('sendMessage')->assertHasErrors('query');
        $component->set('query', str_repeat('x', 4001))->assertHasErrors('query');
        $component->set('query', 'ok')->set('selectedAgents', [])->call('sendMessage')->assertHasErrors('selectedAgents');
        $component->set('selectedAgents', [Agent::factory()->create()->id])->call('sendMessage')->assertHasErrors('selectedAgents');
        $this->assertSame(0, ChatMessage::count());
    }

    public function test_the_session_cannot_be_changed_from_outside(): void
    {
        $this->expectExceptionMessage('sessionId');

        Livewire::test(OptimizedChatInterface::class, ['session' => $this->chat(2)])->set('sessionId', 999);
    }

    public function test_the_worker_streams_the_answer_to_the_page(): void
    {
        $lines = array_map(fn (string $text) => 'data: '.json_encode(['choices' => [['delta' => ['content' => $text]]]])."\n\n", ['Shade ', 'helps.']);
        Http::fake(['primary.test/*' => Http::response(implode('', $lines)."data: [DONE]\n\n")]);
        $session = $this->chat(2);
        $answer = $session->messages()->create(['role' => 'assistant', 'content' => '', 'status' => 'pending', 'agent_id' => $this->agent->id]);
        $stream = app(ChatStream::class);

        $stream->open($answer->id);
        $stream->append($answer->id, 'Shade ');
        $this->assertSame(['text' => 'Shade ', 'done' => false], $stream->read($answer->id));

        dispatch_sync(new ProcessChatMessage($answer->id, 'What helps?'));
        $this->assertSame(['text' => 'Shade helps.', 'done' => true], $stream->read($answer->id));
        $this->assertSame(['Shade helps.', 'complete'], [$answer->fresh()->content, $answer->fresh()->status]);

        $events = $this->get("/sessions/{$session->id}/stream?message={$answer->id}")->assertHeader('Content-Type', 'text/event-stream; charset=utf-8')->streamedContent();
        $this->assertStringContainsString("event: done\ndata: ", $events);
        $this->assertStringContainsString('Shade helps.', $events);
    }

    public function test_older_messages_come_in_pages_with_their_authors(): void
    {
        $session = $this->chat(250);
        $last = $session->messages()->max('id');

        $page = $this->getJson("/api/sessions/{$session->id}/messages?before={$last}&limit=100")->assertOk();
        $ids = array_column($page->json('data'), 'id');
        $this->assertCount(100, $ids);
        $this->assertSame($last - 1, end($ids));
        $this->assertTrue($page->json('more'));
        $this->assertSame($this->user->name, $page->json('data.1.author'));

        $first = $this->getJson("/api/sessions/{$session->id}/messages?before={$ids[0]}&limit=200")->json();
        $this->assertFalse($first['more']);
        $this->assertCount(149, $first['data']);
    }

    public function test_the_browser_filters_searches_and_pages(): void
    {
        KnowledgeDocument::factory()->count(60)->create(['team_id' => $this->user->team_id, 'user_id' => $this->user->id, 'content_type' => 'paper']);
        KnowledgeDocument::factory()->create(['title' => 'Coral unique', 'team_id' => $this->user->team_id, 'user_id' => $this->user->id, 'content_type' => 'report']);

        Livewire::test(KnowledgeBrowser::class)
            ->assertSee('Coral unique')
            ->set('type', 'paper')->assertDontSee('Coral unique')
            ->call('nextPage')->assertSee('Page 2')
            ->set('type', 'report')->assertSee('Coral unique')
            ->set('type', '')->set('query', 'unique')->assertSee('1 best matches');
    }

    public function test_the_other_components_render(): void
    {
        Livewire::test(AgentDirectory::class)->assertSee($this->agent->name)->call('$set', 'type', 'summary')->assertDontSee($this->agent->name);
        Livewire::test(ExecutionFeed::class, ['agentId' => $this->agent->id])->set('status', 'failed')->assertSee('No runs');
        Livewire::test(SettingsForm::class)->set('name', 'New Name')->call('save')->assertSee('Saved');
        $this->assertSame('New Name', $this->user->fresh()->name);
    }

    private function chat(int $messages): ChatSession
    {
        $session = ChatSession::factory()->create(['user_id' => $this->user->id, 'team_id' => $this->user->team_id, 'agent_id' => $this->agent->id, 'title' => 'A chat']);
        DB::table('chat_messages')->insert(array_map(fn (int $n) => [
            'chat_session_id' => $session->id, 'user_id' => $n % 2 ? $this->user->id : null, 'agent_id' => $n % 2 ? null : $this->agent->id,
            'role' => $n % 2 ? 'user' : 'assistant', 'content' => "Message {$n}", 'status' => 'complete', 'created_at' => now(), 'updated_at' => now(),
        ], range(1, $messages)));

        return $session;
    }
}
