@foreach ($books as $book)
    <li>{{ $book->title }} by {{ $book->author->name }}</li>
@endforeach
