<?php

namespace App\Livewire;

use Illuminate\Contracts\View\View;
use Livewire\Attributes\Validate;
use Livewire\Component;

class SettingsForm extends Component
{
    #[Validate('required|string|max:120')]
    public string $name = '';

    #[Validate('nullable|string|max:120')]
    public string $title = '';

    public bool $saved = false;

    public function mount(): void
    {
        $this->name = auth()->user()->name;
        $this->title = (string) auth()->user()->title;
    }

    public function save(): void
    {
        $this->validate();
        auth()->user()->update(['name' => $this->name, 'title' => $this->title]);
        $this->saved = true;
    }

    public function render(): View
    {
        return view('livewire.settings-form');
    }
}
