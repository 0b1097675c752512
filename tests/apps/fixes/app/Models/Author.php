<?php

namespace App\Models;

use Illuminate\Database\Eloquent\Model;
use Illuminate\Database\Eloquent\Relations\HasMany;

class Author extends Model
{
    public function books(): HasMany
    {
        return $this->hasMany(Book::class);
    }

    /** Eager loading would build this from an empty author. */
    public function sameCountry(): HasMany
    {
        return $this->hasMany(Book::class)->where('country', $this->country);
    }
}
