@foreach ($names as $name)
    <li>{{ $name }}</li>
@endforeach
