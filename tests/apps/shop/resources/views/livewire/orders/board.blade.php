<div>{{ $a }}</div>
