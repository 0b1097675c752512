<?php

namespace App\Livewire;

use App\Jobs\ProcessChatMessage;
use App\Models\Agent;
use App\Models\ChatMessage;
use App\Models\ChatSession;
use App\Services\PerformanceCacheManager;
use Illuminate\Contracts\View\View;
use Illuminate\Support\Collection;
use Illuminate\Support\Facades\DB;
use Illuminate\Support\Str;
use Livewire\Attributes\Computed;
use Livewire\Attributes\Locked;
use Livewire\Attributes\Validate;
use Livewire\Component;

/**
 * The composer below a chat. The messages themselves are not its state: they come with the page,
 * older ones over the JSON endpoint, new ones over the event stream. So an update costs the same
 * after ten messages and after ten thousand.
 */
class OptimizedChatInterface extends Component
{
    private const SUGGESTIONS = 3;

    private const CHOICES = 6;

    #[Locked]
    public ?int $sessionId = null;

    #[Validate('required|string|max:4000')]
    public string $query = '';

    /** @var list<int> who answers */
    #[Validate(['selectedAgents' => 'required|array|min:1|max:3', 'selectedAgents.*' => 'integer'])]
    public array $selectedAgents = [];

    public function mount(?ChatSession $session = null): void
    {
        $this->sessionId = $session?->id;
        $this->selectedAgents = array_slice(array_filter([$session?->agent_id, ...array_column($this->agents, 'id')]), 0, 1);
    }

    /** Who can answer: a cached list, the most used first. */
    #[Computed]
    public function agents(): array
    {
        return $this->cache()->popularAgents(auth()->user()->team_id);
    }

    /** Those to choose from below the question: the chosen ones first. */
    #[Computed]
    public function choices(): array
    {
        [$chosen, $others] = collect($this->agents)->partition(fn (array $agent) => in_array($agent['id'], $this->selectedAgents, true));

        return $chosen->concat($others)->take(self::CHOICES)->all();
    }

    /** Documents that fit what is being typed. */
    #[Computed]
    public function suggestions(): Collection
    {
        $query = trim($this->query);

        return Str::length($query) < 4
            ? collect()
            : $this->cache()->getCachedSearchResults($query, ['match' => 'any', 'limit' => self::SUGGESTIONS], auth()->user());
    }

    public function updatedQuery(): void
    {
        $this->validateOnly('query', ['query' => 'string|max:4000']);
    }

    public function toggleAgent(int $id): void
    {
        $this->selectedAgents = in_array($id, $this->selectedAgents, true)
            ? array_values(array_diff($this->selectedAgents, [$id]))
            : [...$this->selectedAgents, $id];
    }

    /** Stores the question and an empty answer for each agent; the answers are written by the queue's workers. */
    public function sendMessage(): void
    {
        $this->validate();
        $agents = Agent::query()
            ->select(['id', 'name'])
            ->whereKey($this->selectedAgents)
            ->where('team_id', auth()->user()->team_id)
            ->active()
            ->get();
        if ($agents->isEmpty()) {
            $this->addError('selectedAgents', 'Choose an agent that is active.');

            return;
        }

        $isNew = $this->sessionId === null;
        [$session, $messages] = DB::transaction(fn () => $this->store($agents));

        $this->cache()->forgetSessions(auth()->id());
        $this->reset('query');

        if ($isNew) {
            $this->redirectRoute('chat.show', ['session' => $session->id]);
        } else {
            $this->dispatch('message-sent', messages: $messages);
        }
    }

    public function render(): View
    {
        return view('livewire.optimized-chat-interface');
    }

    /** @return array{ChatSession, list<array>} */
    private function store(Collection $agents): array
    {
        $user = auth()->user();
        $session = $this->sessionId
            ? $user->sessions()->select(['id', 'user_id', 'team_id'])->findOrFail($this->sessionId)
            : $user->sessions()->create(['team_id' => $user->team_id, 'agent_id' => $agents->first()->id, 'title' => Str::limit($this->query, 60)]);

        $question = $session->messages()->create(['role' => 'user', 'content' => $this->query, 'user_id' => $user->id]);
        $sent = [$this->row($question, $user->name)];

        foreach ($agents as $agent) {
            $answer = $session->messages()->create(['role' => 'assistant', 'content' => '', 'status' => 'pending', 'agent_id' => $agent->id]);
            $sent[] = $this->row($answer, $agent->name);
            ProcessChatMessage::dispatch($answer->id, $this->query)->afterCommit();
        }
        $session->update(['last_message_id' => $question->id, 'last_message_at' => now()]);

        return [$session, $sent];
    }

    private function row(ChatMessage $message, string $author): array
    {
        return [
            'id' => $message->id,
            'role' => $message->role,
            'content' => $message->content,
            'status' => $message->status ?? 'complete',
            'author' => $author,
            'created_at' => $message->created_at->toIso8601String(),
        ];
    }

    private function cache(): PerformanceCacheManager
    {
        return app(PerformanceCacheManager::class);
    }
}
