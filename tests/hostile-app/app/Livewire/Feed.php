<?php

namespace App\Livewire;

use App\Models\Post;

class Feed extends \Livewire\Component
{
    public $n = 5;

    public function render()
    {
        return view('livewire.feed', ['posts' => Post::limit($this->n)->get()]);
    }
}
