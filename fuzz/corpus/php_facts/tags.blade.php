1<x-layout :title="__('Rooms')" class="a {{ $b ? 'c' : 'd' }} e" data-role='x' disabled :$user ::class="{ open: a > b }" {{ $attributes->merge(['class' => 'p-4']) }} @class(['a' => $on])>
    <x-slot:header class="h">
        {{ $header }}
    </x-slot>
    <x-slot name="footer"> f </x-slot>
    @foreach ($rooms as $room)
        <x-room.row :room="$room" wire:key="room-{{ $room->id }}" @click="open = {{ $room->id }}" />
    @endforeach
    <x-mail::button url="/x?a=1&b=2">Go</x-mail::button>
    <x-dynamic-component :component="$name" />
    <flux:input.group wire:model.live.debounce.500ms="search" />
    <livewire:chat.box :room="$room" lazy />
    <livewire:pages::show :key="$id"></livewire:pages::show>
    @livewire('room-list', ['rooms' => $rooms], key($room->id))
    @livewire($class, $data)
</x-layout>
@component('components.alert', ['type' => 'x'])
    @slot('title') T @endslot
    @slot('foot', $foot)
    body
@endcomponent
<input type="text" wire:model.live="query" x-on:input.debounce="go()" @scroll.window="f($event)" value="{{ old('q') }}" @disabled($off) @if($a > 1) autofocus @endif>
<div wire:poll.5s x-data="{ rows: @js($rows), n: {{ $n }} }" wire:loading></div>
text wire:model="no" @click="no"
