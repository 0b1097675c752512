<p>{{ $answer }}</p>
