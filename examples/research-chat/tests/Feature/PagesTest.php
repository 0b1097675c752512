<?php

namespace Tests\Feature;

use App\Models\Agent;
use App\Models\AgentExecution;
use App\Models\ChatSession;
use App\Models\KnowledgeDocument;
use App\Models\User;
use Database\Seeders\DatabaseSeeder;
use Illuminate\Database\Eloquent\Model;
use Illuminate\Foundation\Testing\RefreshDatabase;
use Illuminate\Support\Facades\Cache;
use PHPUnit\Framework\Attributes\DataProvider;
use Tests\Support\Statements;
use Tests\TestCase;

class PagesTest extends TestCase
{
    use RefreshDatabase;

    protected function setUp(): void
    {
        parent::setUp();
        $this->seed(DatabaseSeeder::class);
    }

    protected function tearDown(): void
    {
        Model::preventLazyLoading(false);
        parent::tearDown();
    }

    #[DataProvider('pages')]
    public function test_a_page_answers_for_every_kind_of_user_and_loads_nothing_lazily(string $page): void
    {
        Model::preventLazyLoading();

        foreach ([1, 2, 9] as $id) {
            $user = User::findOrFail($id);
            $path = $this->path($page, $user);
            if ($path === null) {
                continue;
            }
            $this->actingAs($user)->get($path)->assertOk();
        }
    }

    #[DataProvider('pages')]
    public function test_a_guest_is_sent_to_the_login(string $page): void
    {
        $path = $this->path($page, User::findOrFail(1));

        str_starts_with($page, '/api/') ? $this->getJson($path)->assertUnauthorized() : $this->get($path)->assertRedirect('/login');
    }

    #[DataProvider('pages')]
    public function test_statements_do_not_grow_with_the_rows(string $page): void
    {
        $user = User::findOrFail(1);
        $count = function () use ($page, $user) {
            Cache::flush();

            return count(Statements::during(fn () => $this->actingAs($user)->get($this->path($page, $user))->assertOk()));
        };
        $before = $count();

        KnowledgeDocument::factory()->count(12)->create(['team_id' => 1, 'user_id' => 1])
            ->each(fn (KnowledgeDocument $document) => $document->tags()->attach([1, 2, 3]));
        $agents = Agent::factory()->count(4)->create(['team_id' => 1, 'user_id' => 1]);
        $agents->each(fn (Agent $agent) => AgentExecution::factory()->count(4)->create(['agent_id' => $agent->id, 'team_id' => 1, 'user_id' => 1]));
        AgentExecution::factory()->count(10)->create(['agent_id' => 1, 'team_id' => 1, 'user_id' => 3, 'status' => 'failed']);
        ChatSession::factory()->count(6)->create(['user_id' => 1, 'team_id' => 1, 'agent_id' => 1]);
        User::factory()->count(5)->create(['team_id' => 1]);

        $this->assertLessThanOrEqual($before, $count(), "{$page} asks more when there is more to show.");
    }

    public function test_others_private_things_are_not_shown(): void
    {
        $private = KnowledgeDocument::factory()->private()->create(['team_id' => 1, 'user_id' => 3]);
        $other = User::findOrFail(9);

        $this->actingAs(User::findOrFail(1))->get("/knowledge/{$private->id}")->assertForbidden();
        $this->actingAs($other)->get('/dashboard/research-chat/1')->assertForbidden();
        $this->actingAs($other)->get('/agents/1')->assertForbidden();
        $this->actingAs(User::findOrFail(3))->get('/reports')->assertForbidden();
    }

    public function test_signing_in_and_out(): void
    {
        $this->post('/login', ['email' => 'ada@research.test', 'password' => 'wrong'])->assertSessionHasErrors('email');
        $this->post('/login', ['email' => 'ada@research.test', 'password' => 'password'])->assertRedirect('/dashboard');
        $this->assertAuthenticated();
        $this->post('/logout')->assertRedirect('/login');
        $this->assertGuest();
    }

    public function test_documents_are_stored_and_get_their_status_at_once(): void
    {
        $this->actingAs(User::findOrFail(1));
        $id = $this->postJson('/api/documents', [
            'title' => 'New', 'description' => 'A new one', 'content' => 'Some words here', 'content_type' => 'note', 'privacy_level' => 'team', 'tags' => [1, 2],
        ])->assertCreated()->json('data.id');
        $this->assertSame([1, 2], KnowledgeDocument::find($id)->tags()->pluck('tags.id')->all());

        $foreign = KnowledgeDocument::where('team_id', 2)->value('id') ?? KnowledgeDocument::factory()->create()->id;
        $this->patchJson('/api/documents/status', ['ids' => [$id, $foreign], 'status' => 'archived'])->assertOk()->assertJson(['changed' => 1]);
        $this->postJson('/api/documents', ['title' => 'x'])->assertUnprocessable();
    }

    public function test_list_pages_fetch_no_wide_columns(): void
    {
        $this->actingAs(User::findOrFail(1));
        foreach (['/dashboard', '/knowledge', '/agents', '/agents/1', '/team', '/reports', '/api/documents', '/api/sessions', '/api/agents'] as $page) {
            $statements = implode("\n", Statements::during(fn () => $this->get($page)->assertOk()));
            $this->assertDoesNotMatchRegularExpression('/"(embedding|content_hash)"|select \* from "knowledge_documents"|select "knowledge_documents"\.\*/', $statements, $page);
        }
    }

    public static function pages(): array
    {
        $pages = [
            '/dashboard', '/dashboard/research-chat', '/dashboard/research-chat/{session}', '/sessions/{session}/transcript', '/sessions/{session}/stream',
            '/knowledge', '/knowledge?q=survey', '/knowledge/{document}', '/agents', '/agents/{agent}', '/team', '/reports', '/settings',
            '/api/sessions', '/api/sessions/{session}', '/api/sessions/{session}/messages', '/api/documents', '/api/documents/{document}',
            '/api/documents/search?q=survey', '/api/agents', '/api/agents/{agent}/executions',
        ];

        return array_combine($pages, array_map(fn (string $page) => [$page], $pages));
    }

    /** The page's address with something in it that this user may see; null where there is nothing. */
    private function path(string $page, User $user): ?string
    {
        if ($page === '/reports' && ! $user->isAdmin()) {
            return null;
        }
        $ids = [
            '{session}' => fn () => $user->sessions()->min('id'),
            '{document}' => fn () => KnowledgeDocument::browsableBy($user)->min('id'),
            '{agent}' => fn () => Agent::where('team_id', $user->team_id)->min('id'),
        ];
        foreach ($ids as $place => $find) {
            if (str_contains($page, $place)) {
                $id = $find();

                return $id === null ? null : str_replace($place, (string) $id, $page);
            }
        }

        return $page;
    }
}
