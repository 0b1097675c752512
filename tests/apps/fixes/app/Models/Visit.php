<?php

namespace App\Models;

use Illuminate\Database\Eloquent\Model;

class Visit extends Model
{
    protected static function booted(): void
    {
        static::retrieved(fn (Visit $visit) => logger('seen '.$visit->id));
    }
}
