<?php

namespace App\Models;

use Illuminate\Database\Eloquent\Model;

class Room extends Model
{
    public function fresh_messages()
    {
        return $this->hasMany(Message::class)->where('created_at', '>', $this->updated_at);
    }
}
