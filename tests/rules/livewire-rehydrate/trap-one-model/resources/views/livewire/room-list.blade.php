<div>{{ $room->name }}</div>
