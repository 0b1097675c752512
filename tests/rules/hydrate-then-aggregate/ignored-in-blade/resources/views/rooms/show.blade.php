<h1>{{ $room->name }}</h1>
{{-- fettle-ignore hydrate-then-aggregate shown once a day --}}
<p>{{ $room->messages->count() }} messages</p>
