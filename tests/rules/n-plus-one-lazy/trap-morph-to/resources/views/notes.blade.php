@foreach ($notes as $note)
    <p>{{ $note->notable->name }}</p>
@endforeach
