@foreach ($rooms as $room)
    @foreach ($room->fresh_messages as $message)
        <p>{{ $message->body }}</p>
    @endforeach
@endforeach
