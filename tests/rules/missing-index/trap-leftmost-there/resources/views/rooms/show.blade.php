<h1>{{ $room->name }}</h1>
