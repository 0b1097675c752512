<ul>
@foreach ($rooms as $room)
    <li>{{ $room->name }} by {{ $room->owner->name }}</li>
@endforeach
</ul>
