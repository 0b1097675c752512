<?php

namespace App\Models;

use Illuminate\Database\Eloquent\Model;

class Message extends Model
{
    protected $fillable = ['read'];

    protected static function booted(): void
    {
        static::updated(fn (Message $message) => logger($message->id));
    }
}
