@foreach ($rooms as $room)
    <li>{{ $room->name }} ({{ $room->messages_count }})</li>
@endforeach
