<?php

namespace App\Models;

use Illuminate\Database\Eloquent\Model;
use Illuminate\Database\Eloquent\Relations\BelongsTo;

class Chapter extends Model
{
    public function editor(): BelongsTo
    {
        return $this->belongsTo(Author::class, 'editor_id');
    }
}
