<p>{{ $open }}</p>
