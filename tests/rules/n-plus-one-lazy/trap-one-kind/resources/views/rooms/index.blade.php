@foreach ($rooms as $room)
    <li>{{ $room->name }} @if ($room->slug === 'lobby') {{ $room->owner->name }} @endif</li>
@endforeach
