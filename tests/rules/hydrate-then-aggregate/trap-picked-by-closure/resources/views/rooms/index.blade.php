<p>{{ $mine->implode(', ') }}</p>
