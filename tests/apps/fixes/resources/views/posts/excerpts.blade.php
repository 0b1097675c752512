@forelse ($posts as $post)
    <p>{{ $post->excerpt }}</p>
@empty
    <p>none</p>
@endforelse
