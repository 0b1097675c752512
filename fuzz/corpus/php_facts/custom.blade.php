1@isFree($price)
    free
@else
    {{ $price->amount }}
@endif
@datetime($when)
@can('x')
    @error('body')
@endcan
@unlessrole('admin') a @endunlessrole
@cache('key', 60) {{ $slow->thing }} @endcache
me@if.example @endphp@endif@php $x = 1; @endphp@if($x) glued @endif
{{{ $legacy }}} {!! $raw !!} {{ $a
    ? 'multi'
    : 'line' }}
@{{ no }} @@foreach @foreach_x
@include(
    'a.b',
    [
        'x' => <<<T
        heredoc ) with ]
        T,
        // a comment with ) and '
        'y' => fn ($q) => $q['}'],
    ]
)
@php ($data = $section->options) @endphp
<x-a><x-b></x-c></x-d>
<x-e :x="" :y="$a->b > 1" z={{ $q }} />
<div @click="a" @keyup.enter="b()" :class="{ 'x': y }" x-for="p in list" wire:model="a.{{ $i }}.b"></div>
<script>let x = "@foo(1)"; if (a<b) { } @json($data) </script>
"@context": "https://schema.org", "@type": "x"
@switch(1)
@php $inside = 1; @endphp
@case(A::B)
@default
@endswitch
@continue @break($x > 1)
<?php echo 1 ?> <?php $f = function () {} ?> <?xml version="1.0"?>
@lang('x') @lang ok @endlang
@forelse($as as $a) {{ $a }} @endforelse
@verbatim
{{ $not }}
