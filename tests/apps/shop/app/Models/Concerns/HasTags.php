<?php

namespace App\Models\Concerns;

use App\Models\Tag;

trait HasTags
{
    public static function bootHasTags(): void
    {
        static::deleting(fn ($model) => $model->tags()->detach());
    }

    public function tags()
    {
        return $this->morphToMany(Tag::class, 'taggable');
    }
}
