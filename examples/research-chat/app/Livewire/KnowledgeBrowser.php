<?php

namespace App\Livewire;

use App\Livewire\Concerns\SimplePages;
use App\Models\KnowledgeDocument;
use App\Services\PerformanceCacheManager;
use Illuminate\Contracts\Pagination\Paginator;
use Illuminate\Contracts\View\View;
use Illuminate\Support\Collection;
use Livewire\Attributes\Computed;
use Livewire\Attributes\Url;
use Livewire\Component;

/** Browse and search the documents that the user may see. The state is three short strings. */
class KnowledgeBrowser extends Component
{
    use SimplePages;

    private const PER_PAGE = 50;

    #[Url(as: 'q', except: '')]
    public string $query = '';

    #[Url(except: '')]
    public string $type = '';

    #[Url(except: '')]
    public string $status = '';

    public function updated(): void
    {
        $this->resetPage();
    }

    /** Hits of the search, best first; empty while nothing is searched for. */
    #[Computed]
    public function hits(): Collection
    {
        return $this->isSearching()
            ? app(PerformanceCacheManager::class)->getCachedSearchResults($this->query, array_filter([
                'content_type' => $this->type,
                'status' => $this->status,
                'limit' => self::PER_PAGE,
            ]), auth()->user())
            : collect();
    }

    public function isSearching(): bool
    {
        return mb_strlen(trim($this->query)) >= 2;
    }

    #[Computed]
    public function documents(): Paginator
    {
        return KnowledgeDocument::query()
            ->select(['id', 'team_id', 'user_id', 'source_id', 'title', 'description', 'content_type', 'privacy_level', 'status', 'word_count', 'created_at'])
            ->with(['user:id,name', 'source:id,name', 'tags:id,name'])
            ->browsableBy(auth()->user())
            ->when($this->type, fn ($documents, string $type) => $documents->where('content_type', $type))
            ->when($this->status, fn ($documents, string $status) => $documents->where('status', $status))
            ->latest()
            ->latest('id')
            ->simplePaginate(self::PER_PAGE);
    }

    public function render(): View
    {
        return view('livewire.knowledge-browser');
    }
}
