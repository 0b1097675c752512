@foreach ($rooms as $room)
    <li>{{ $room->owner->name }} made by {{ $room->creator->name }}</li>
@endforeach
