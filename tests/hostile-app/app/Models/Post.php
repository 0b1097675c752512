<?php

namespace App\Models;

class Post extends \Illuminate\Database\Eloquent\Model
{
    public $timestamps = false;

    protected $guarded = [];

    public function user()
    {
        return $this->belongsTo(User::class);
    }
}
