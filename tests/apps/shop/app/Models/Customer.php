<?php

namespace App\Models;

use Illuminate\Foundation\Auth\User as Authenticatable;
use Illuminate\Notifications\Notifiable;
use Laravel\Scout\Searchable;

class Customer extends Authenticatable
{
    use Notifiable, Searchable;

    public function toSearchableArray() { return ['name' => $this->name]; }
    public function orders() { return $this->hasMany(config('shop.models.order')); }
    public function lines() { return $this->hasManyThrough(Line::class, Order::class); }
}
