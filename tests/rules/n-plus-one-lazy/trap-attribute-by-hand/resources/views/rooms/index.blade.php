@foreach ($rooms as $room)
    <li>{{ count($room->messages) }}</li>
@endforeach
