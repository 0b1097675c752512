1<?php
use App\Models\Note;
use function Livewire\Volt\{computed, layout, state, with};

layout('layouts.app');
state(['search' => '', 'notes' => fn () => Note::with('tags')->get()]);
$total = computed(fn () => Note::count());
$remove = function (Note $note) {
    $note->delete();
};
with(fn () => ['page' => Note::paginate(10)]); ?>

<div>
    @island(name: 'totals', lazy: true)
        @placeholder <p>…</p> @endplaceholder
        {{ $this->total }}
    @endisland
    <livewire:notes.list :$notes wire:model="search"><livewire:slot name="x">{{ $inner }}</livewire:slot></livewire:notes.list>
    @volt('note-form') <form wire:submit="save"></form> @endvolt
    {{-- fettle-ignore livewire-poll --}} <!-- fettle-ignore -->
    @persist('player') <audio></audio> @endpersist
    @teleport('body') <div x-show="open" x-intersect.once="$wire.load()"></div> @endteleport
    @script <script>$wire.on('x', (e) => { if (e.a < 1 && "@b(1)") {} })</script> @endscript
    @foreach ($page as $note)<button wire:click="remove({{ $note->id }})" wire:confirm="Sure?">{{ $note->title }}</button>@endforeach
</div>
