<?php

namespace App\Models;

use Illuminate\Database\Eloquent\Model;
use Illuminate\Database\Eloquent\Relations\BelongsToMany;

class Tool extends Model
{
    public $timestamps = false;

    protected $fillable = ['name', 'slug', 'description'];

    public function agents(): BelongsToMany
    {
        return $this->belongsToMany(Agent::class);
    }
}
