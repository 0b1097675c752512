<?php

namespace App\Livewire;

use App\Models\Post;
use Livewire\Attributes\Computed;
use Livewire\Component;

class PostTable extends Component
{
    public string $search = '';

    #[Computed]
    public function posts()
    {
        return Post::where('title', 'like', $this->search.'%')->orderBy('id')->paginate(25);
    }

    public function render()
    {
        return view('livewire.post-table', ['drafts' => Post::where('published', false)->get()]);
    }
}
