@foreach ($rooms as $room)
    <li>{{ $room->owner->name }}</li>
@endforeach
