@foreach ($rooms as $room)
    @foreach ($room->newest as $message)
        <p>{{ $message->body }}</p>
    @endforeach
@endforeach
