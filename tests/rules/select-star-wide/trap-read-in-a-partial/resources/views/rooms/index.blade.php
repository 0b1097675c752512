@foreach ($documents as $document)
    @include('rooms.teaser', ['document' => $document])
@endforeach
