@foreach ($rooms as $room)
    <id>{{ route('rooms.show', ['room' => $room]) }}</id>
@endforeach
