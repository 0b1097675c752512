<?php

namespace App\Models;

class User extends \Illuminate\Foundation\Auth\User
{
    public $timestamps = false;

    protected $guarded = [];

    public function posts()
    {
        return $this->hasMany(Post::class);
    }
}
