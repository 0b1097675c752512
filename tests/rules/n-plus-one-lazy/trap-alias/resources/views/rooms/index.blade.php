@foreach ($rooms as $room)
    <li>{{ $room->owner }}</li>
@endforeach
