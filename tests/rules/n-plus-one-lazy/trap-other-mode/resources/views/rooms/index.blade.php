@foreach ($rooms as $room)
    @if ($mode === 'cards')
        <p>{{ $room->name }} of {{ $room->owner->name }}</p>
    @else
        <p>{{ $room->name }}</p>
    @endif
@endforeach
