<?php

namespace App\Livewire;

use App\Models\Post;

#[\Livewire\Attributes\Lazy]
class Late extends \Livewire\Component
{
    public function render()
    {
        return view('livewire.feed', ['posts' => Post::limit(7)->get()]);
    }
}
