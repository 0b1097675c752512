@foreach ($room->messages as $message)
    <li>{{ $message->author->name }}</li>
@endforeach
