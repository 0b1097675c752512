<x-box>
    <ul>
        @foreach ($posts as $post)
            <li>{{ $post->title }} by {{ $post->author->name }}</li>
        @endforeach
    </ul>
    @foreach ($authors as $author)
        <a href="/authors/{{ $author->id }}">{{ $author->name }}</a>
    @endforeach
</x-box>
