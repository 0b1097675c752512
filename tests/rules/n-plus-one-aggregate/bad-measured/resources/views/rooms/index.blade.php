@foreach ($rooms as $room)
    <li>{{ $room->name }} ({{ $room->messages()->count() }})</li>
@endforeach
