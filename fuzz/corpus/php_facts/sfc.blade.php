1<?php

use App\Models\Post;
use Livewire\Attributes\{Computed, Layout};
use Livewire\Component;

new #[Layout('layouts.app')] class extends Component
{
    public string $title = '';

    #[Computed]
    public function posts()
    {
        return Post::with('author')->latest()->get();
    }
};
?>

<div>
    @island(name: 'list')
    @foreach ($this->posts as $post)
        <h2 wire:key="{{ $post->id }}">{{ $post->author->name }}</h2>
    @endforeach
    @endisland
</div>
