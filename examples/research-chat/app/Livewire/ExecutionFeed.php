<?php

namespace App\Livewire;

use App\Livewire\Concerns\SimplePages;
use App\Models\AgentExecution;
use Illuminate\Contracts\Pagination\Paginator;
use Illuminate\Contracts\View\View;
use Livewire\Attributes\Computed;
use Livewire\Attributes\Locked;
use Livewire\Attributes\Url;
use Livewire\Component;

/** One agent's runs, newest first. */
class ExecutionFeed extends Component
{
    use SimplePages;

    private const PER_PAGE = 50;

    #[Locked]
    public int $agentId;

    #[Url(except: '')]
    public string $status = '';

    public function updatedStatus(): void
    {
        $this->resetPage();
    }

    #[Computed]
    public function executions(): Paginator
    {
        return AgentExecution::query()
            ->select(['id', 'agent_id', 'user_id', 'chat_session_id', 'status', 'query', 'endpoint', 'duration_ms', 'prompt_tokens', 'completion_tokens', 'created_at'])
            ->with(['user:id,name', 'session:id,title'])
            ->where('agent_id', $this->agentId)
            ->when($this->status, fn ($runs, string $status) => $runs->where('status', $status))
            ->latest()
            ->latest('id')
            ->simplePaginate(self::PER_PAGE);
    }

    public function render(): View
    {
        return view('livewire.execution-feed');
    }
}
