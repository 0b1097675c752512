<?php

namespace App\Models;

use Illuminate\Database\Eloquent\Model as Eloquent;
use Illuminate\Database\Eloquent\Relations\BelongsTo;

abstract class Model extends Eloquent
{
    protected $casts = ['created_at' => 'immutable_datetime'];

    public function creator(): BelongsTo
    {
        return $this->belongsTo(Customer::class, 'created_by');
    }
}
