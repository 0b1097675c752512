<?php

use Livewire\Volt\Component;

new class extends Component {
    public int $n = 0;
} ?>

<div>{{ $n }}</div>
