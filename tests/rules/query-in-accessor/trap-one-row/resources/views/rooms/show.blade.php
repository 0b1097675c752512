<p>{{ $room->name }} {{ $room->unread }}</p>
