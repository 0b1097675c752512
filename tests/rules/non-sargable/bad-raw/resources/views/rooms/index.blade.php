@foreach ($messages as $message)
    <li>{{ $message->body }}</li>
@endforeach
