@foreach ($tags as $tag)
    <li>{{ $tag->name }}</li>
@endforeach
