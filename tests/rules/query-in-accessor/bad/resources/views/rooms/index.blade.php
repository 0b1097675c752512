@foreach ($rooms as $room)
    <li>{{ $room->name }} {{ $room->unread }}</li>
@endforeach
