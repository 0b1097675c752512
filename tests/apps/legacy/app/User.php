<?php

namespace App;

class User extends \Illuminate\Foundation\Auth\User
{
    protected $dates = ['seen_at'];
    public function posts() { return $this->hasMany('Modules\Blog\Post', 'owner_id'); }
    public function scopeSeen($q) { return $q->whereNotNull('seen_at'); }
}
