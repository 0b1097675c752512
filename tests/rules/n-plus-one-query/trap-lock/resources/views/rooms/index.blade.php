<p>{{ $sum }}</p>
