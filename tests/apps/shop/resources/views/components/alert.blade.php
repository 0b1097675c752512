<p>{{ $slot }}</p>
