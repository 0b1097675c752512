<div>{{ $rooms->count() }}</div>
