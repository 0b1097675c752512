1<div>
    @if ($open
    @foreach ($rooms as $room)
        {{ $room->name }}
        {{ item.name foo( }}
        {{ $room-> }}
        <x-card :title="$a b">
    @endforeach
    @if ($b)
        @foreach ($c as $d) {{ $d->e }}
    @endif
    @endcan
    @else
    {{ $after->all }}
    </x-gone>
    @foreach ($last as $one) {{ $one->x }} @endforeach
</div>
