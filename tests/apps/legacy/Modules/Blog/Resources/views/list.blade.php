@foreach ($posts as $post) {{ $post->title }} @endforeach
