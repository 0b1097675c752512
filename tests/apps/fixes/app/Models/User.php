<?php

namespace App\Models;

use Illuminate\Database\Eloquent\Model;

class User extends Model
{
    protected $fillable = ['name', 'active'];

    public function posts()
    {
        return $this->hasMany(Post::class);
    }

    public function team()
    {
        return $this->belongsTo(Team::class);
    }

    public function latestPosts()
    {
        return $this->hasMany(Post::class)->latest()->limit(5);
    }
}
