<?php

namespace App\Models;

use Illuminate\Database\Eloquent\Model;

class Room extends Model
{
    public function getUnreadAttribute(): int
    {
        return Message::where('room_id', $this->id)->where('read', false)->count();
    }
}
