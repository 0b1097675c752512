<li>
    {{ $room->name }}
    @if (($showOwner ?? false) && $room->owner->name)
        <em>{{ $room->owner->name }}</em>
    @endif
</li>
