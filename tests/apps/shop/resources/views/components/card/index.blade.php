<div>{{ $slot }}</div>
