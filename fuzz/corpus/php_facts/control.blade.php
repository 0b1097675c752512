1@extends('layouts.app', ['title' => "Rooms (all)"])
@use('App\Models\Room')
@use('App\\Models\\User', 'Person')
@props(['rooms' => [], 'size'])
{{-- a comment with @if and {{ $x }} --}}
@php
    $total = $rooms->count(); // how many
@endphp
@php($page = request('page', 1))
@section('title', 'Rooms')
@section('content')
    Mail me@example.com, @@if, @{{ raw }} and @{!! raw !!}.
    <style>@media (min-width: 10px) { a { b: c } } @import url(x);</style>
    @if ($rooms->isEmpty() && strlen(")") > 0)
        none
    @elseif($total > 10)
        {{ $total }} many
    @else
        {!! $page !!}
    @endif
    @foreach ($rooms as $key => $room)
        {{ $loop->index }}: {{ $room->owner->name ?? 'nobody' }}
        @continue($room->hidden)
        @break(2)
        @can('update', $room)
            yes
        @elsecan('view', $room)
            maybe
        @endcan
    @endforeach
    @forelse($room->messages as $message)
        {{ $message->body }}
    @empty
        nothing
    @endforelse
    @empty($rooms) e @endempty
    @isset($a, $b) i @endisset
    @unless(Auth::check()) u @endunless
    @auth a @else b @endauth
    @guest('admin') g @endguest
    @switch($room->kind)
        {{-- why not --}}
        @case(1)
            one
            @break
        @default
            other
    @endswitch
    @for ($i = 0; $i < 3; $i++) {{ $i }} @endfor
    @while ($n = next($list)) {{ $n }} @endwhile
    @include('rooms.row', ['room' => $room])
    @includeWhen($a && f(1, 2), 'rooms.extra', ['x' => 1])
    @each('rooms.row', $rooms, 'room', 'rooms.none')
    @error('name') {{ $message }} @enderror
    @csrf @method('PUT')
    @json($rooms, JSON_PRETTY_PRINT)
    @datetime($room->created_at) @unknown (not this)
    @role('admin') r @else s @endrole
    @session('status') {{ $value }} @endsession
    @verbatim {{ not.php }} @if @endverbatim
    @once o @endonce
    @push('scripts') <script>let a = @js($rooms);</script> @endpush
    <?php foreach ($rooms as $r): ?>
        <?= $r->name ?>
    <?php endforeach; ?>
    <?php if ($x) { ?> a <?php } else { ?> b <?php } ?>
@endsection
