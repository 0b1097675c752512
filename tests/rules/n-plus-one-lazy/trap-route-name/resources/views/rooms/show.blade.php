<p>{{ $room->owner->name }}</p>
