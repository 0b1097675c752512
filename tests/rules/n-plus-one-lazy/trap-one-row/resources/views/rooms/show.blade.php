<h1>{{ $room->name }}</h1>
<p>{{ $room->owner->name }}</p>
@foreach (['name', 'email'] as $field)
    <p>{{ $room->owner->$field }}</p>
@endforeach
