@foreach ($rooms as $room)
    @foreach ($room->messages as $message)
        <p>{{ $message->author->name }}: {{ $message->body }}</p>
    @endforeach
@endforeach
