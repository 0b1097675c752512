@foreach ($rooms as $room)
    <li>{{ $room->name }}</li>
@endforeach
