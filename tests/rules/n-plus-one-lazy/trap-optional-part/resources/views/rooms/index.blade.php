@foreach ($rooms as $room)
    @include('rooms.row', ['room' => $room, 'showOwner' => $showOwner ?? false])
@endforeach
