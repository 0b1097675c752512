@foreach ($rooms as $room)
    <li>{{ $room->owner_name ?? $room->owner->name }}</li>
@endforeach
