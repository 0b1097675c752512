<?php

namespace App\Models;

use Illuminate\Database\Eloquent\Model;
use Illuminate\Support\Facades\Cache;

class Room extends Model
{
    public function getUnreadAttribute(): int
    {
        return Cache::remember("unread.{$this->id}", 60, fn () => Message::where('room_id', $this->id)->count());
    }
}
