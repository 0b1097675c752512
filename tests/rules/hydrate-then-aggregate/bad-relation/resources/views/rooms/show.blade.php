<h1>{{ $room->name }}</h1>
<p>{{ $room->messages->count() }} messages</p>
