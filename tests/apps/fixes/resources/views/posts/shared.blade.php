@foreach ($posts as $post)
    <p>{{ $post->comments()->count() }}</p>
@endforeach
