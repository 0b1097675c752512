<?php

namespace App\Models;

use App\Models\Builders\RoomBuilder;
use Illuminate\Database\Eloquent\Model;

class Room extends Model
{
    public function newEloquentBuilder($query): RoomBuilder
    {
        return new RoomBuilder($query);
    }

    public function owner()
    {
        return $this->belongsTo(User::class, 'owner_id');
    }
}
