@if ($room->messages->count() > 0)
    @foreach ($room->messages as $message)
        <p>{{ $message->body }}</p>
    @endforeach
@endif
