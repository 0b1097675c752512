<?php

namespace App\Models;

use Illuminate\Database\Eloquent\Relations\HasMany;
use Illuminate\Foundation\Auth\User as Authenticatable;

class User extends Authenticatable
{
    protected $fillable = ['name', 'email'];

    public function rooms(): HasMany
    {
        return $this->hasMany(Room::class, 'owner_id');
    }
}
