<p>{{ $owners }}</p>
