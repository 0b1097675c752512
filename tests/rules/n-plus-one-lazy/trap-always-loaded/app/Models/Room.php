<?php

namespace App\Models;

use Illuminate\Database\Eloquent\Model;

class Room extends Model
{
    protected $with = ['owner'];

    public function owner()
    {
        return $this->belongsTo(User::class, 'owner_id');
    }
}
