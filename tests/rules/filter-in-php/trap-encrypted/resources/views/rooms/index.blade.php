@foreach ($lines as $line)
    <li>{{ $line }}</li>
@endforeach
