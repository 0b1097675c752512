<?php

namespace App\Models;

use Illuminate\Database\Eloquent\Casts\Attribute;
use Illuminate\Database\Eloquent\Model;

class Room extends Model
{
    protected $appends = ['unread'];

    protected function unread(): Attribute
    {
        return Attribute::get(fn () => Message::where('room_id', $this->id)->count());
    }
}
