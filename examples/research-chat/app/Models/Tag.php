<?php

namespace App\Models;

use Database\Factories\TagFactory;
use Illuminate\Database\Eloquent\Factories\HasFactory;
use Illuminate\Database\Eloquent\Model;
use Illuminate\Database\Eloquent\Relations\BelongsToMany;

class Tag extends Model
{
    /** @use HasFactory<TagFactory> */
    use HasFactory;

    public $timestamps = false;

    protected $fillable = ['name', 'slug'];

    public function documents(): BelongsToMany
    {
        return $this->belongsToMany(KnowledgeDocument::class, 'document_tag');
    }
}
