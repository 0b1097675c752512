@props(['post'])
<article>{{ $post->title }} @if ($post->published) {{ $post->user->name }} @endif</article>
