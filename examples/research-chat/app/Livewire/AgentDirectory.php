<?php

namespace App\Livewire;

use App\Models\Agent;
use Illuminate\Contracts\View\View;
use Illuminate\Support\Collection;
use Livewire\Attributes\Computed;
use Livewire\Attributes\Url;
use Livewire\Component;

class AgentDirectory extends Component
{
    private const LIMIT = 60;

    #[Url(except: '')]
    public string $type = '';

    #[Computed]
    public function agents(): Collection
    {
        return Agent::query()
            ->select(['id', 'user_id', 'name', 'type', 'description', 'model', 'is_active', 'created_at'])
            ->with(['owner:id,name', 'tools:id,name'])
            ->withCount(['executions', 'knowledgeDocuments', 'executions as completed_count' => fn ($runs) => $runs->where('status', 'completed')])
            ->withMax('executions', 'created_at')
            ->where('team_id', auth()->user()->team_id)
            ->when($this->type, fn ($agents, string $type) => $agents->where('type', $type))
            ->orderBy('name')
            ->limit(self::LIMIT)
            ->get();
    }

    public function render(): View
    {
        return view('livewire.agent-directory');
    }
}
