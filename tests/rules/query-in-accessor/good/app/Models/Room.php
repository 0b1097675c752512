<?php

namespace App\Models;

use Illuminate\Database\Eloquent\Model;

class Room extends Model
{
    public function messages()
    {
        return $this->hasMany(Message::class);
    }

    public function getUnreadAttribute(): int
    {
        return (int) $this->messages_count;
    }
}
