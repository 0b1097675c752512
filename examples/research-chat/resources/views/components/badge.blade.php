@props(['value'])
@php
    $tone = [
        'completed' => 'bg-pine-50 text-pine-700 ring-pine-600/20', 'indexed' => 'bg-pine-50 text-pine-700 ring-pine-600/20',
        'failed' => 'bg-rose-50 text-rose-700 ring-rose-600/20', 'archived' => 'bg-stone-100 text-stone-600 ring-stone-500/20',
        'pending' => 'bg-amber-50 text-amber-800 ring-amber-600/20', 'draft' => 'bg-amber-50 text-amber-800 ring-amber-600/20',
        'running' => 'bg-sky-50 text-sky-700 ring-sky-600/20',
    ][$value] ?? 'bg-stone-50 text-stone-600 ring-stone-500/20';
@endphp
<span {{ $attributes->merge(['class' => "inline-flex items-center rounded-md px-1.5 py-0.5 text-[11px] font-medium ring-1 ring-inset {$tone}"]) }}>{{ $value }}</span>
