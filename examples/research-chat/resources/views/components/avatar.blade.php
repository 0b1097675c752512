@props(['name', 'size' => 'size-8 text-xs'])
@php
    $tones = ['bg-pine-100 text-pine-800', 'bg-amber-100 text-amber-800', 'bg-sky-100 text-sky-800', 'bg-rose-100 text-rose-800', 'bg-violet-100 text-violet-800', 'bg-lime-100 text-lime-800'];
    $letters = collect(explode(' ', $name))->take(2)->map(fn ($part) => mb_strtoupper(mb_substr($part, 0, 1)))->implode('');
@endphp
<span {{ $attributes->merge(['class' => "inline-flex shrink-0 items-center justify-center rounded-full font-semibold {$size} ".$tones[crc32($name) % 6]]) }} title="{{ $name }}">{{ $letters }}</span>
