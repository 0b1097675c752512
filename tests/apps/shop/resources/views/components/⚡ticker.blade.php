<?php

new class extends \Livewire\Component {
    public $ticks = [];
};
?>
<div>@foreach ($ticks as $t) {{ $t }} @endforeach</div>
