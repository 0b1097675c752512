@foreach ($rooms as $room)
    <li>{{ $room->name }} ({{ $room->messages_count ?? $room->messages()->count() }})</li>
@endforeach
