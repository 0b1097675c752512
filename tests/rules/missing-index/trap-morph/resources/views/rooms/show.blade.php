@foreach ($notes as $note)
    <p>{{ $note->body }}</p>
@endforeach
