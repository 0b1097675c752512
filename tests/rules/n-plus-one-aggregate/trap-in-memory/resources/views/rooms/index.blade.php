@foreach ($rooms as $room)
    <li>{{ $room->messages->count() }}</li>
    @foreach ($room->messages as $message)
        <p>{{ $message->body }}</p>
    @endforeach
@endforeach
