@foreach ($documents as $document)
    <li>{{ $document->title }}</li>
@endforeach
