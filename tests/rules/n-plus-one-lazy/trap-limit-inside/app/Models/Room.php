<?php

namespace App\Models;

use Illuminate\Database\Eloquent\Model;

class Room extends Model
{
    public function newest()
    {
        return $this->hasMany(Message::class)->latest()->limit(3);
    }
}
