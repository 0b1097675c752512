<?php

namespace App\Models;

use Illuminate\Database\Eloquent\Model;
use App\Enums\Status;
use Illuminate\Database\Eloquent\Builder;
use Illuminate\Database\Eloquent\Relations\BelongsTo;
use Illuminate\Database\Eloquent\Relations\BelongsToMany;
use Illuminate\Database\Eloquent\Relations\HasMany;
use Illuminate\Database\Eloquent\Relations\MorphMany;
use Illuminate\Database\Eloquent\SoftDeletes;

class Post extends Model
{
    use SoftDeletes;

    protected $casts = ['settings' => 'array', 'published' => 'boolean', 'status' => Status::class, 'published_at' => 'datetime'];

    public function user(): BelongsTo
    {
        return $this->belongsTo(User::class);
    }

    public function category(): BelongsTo
    {
        return $this->belongsTo(Category::class);
    }

    public function comments(): HasMany
    {
        return $this->hasMany(Comment::class);
    }

    public function tags(): BelongsToMany
    {
        return $this->belongsToMany(Tag::class);
    }

    public function images(): MorphMany
    {
        return $this->morphMany(Image::class, 'imageable');
    }

    /** Reads the row through a method of its own. */
    public function siblings(): HasMany
    {
        return $this->hasMany(Post::class, 'category_id', 'category_id')->where('lang', $this->language());
    }

    public function language(): string
    {
        return $this->lang ?? 'en';
    }

    public function reactions(): HasMany
    {
        return $this->hasMany(Comment::class)->when(tenant($this)->moderated, fn ($query) => $query->where('approved', true));
    }

    public function scopeWithOwnComments(Builder $query, User $user): void
    {
        $query->with(['comments' => fn ($comments) => $comments->where('user_id', $user->id)]);
    }

    public function scopeNewest(Builder $query): void
    {
        $query->latest()->limit(10);
    }

    public function scopePublished(Builder $query): void
    {
        $query->where('published', true);
    }

    public function getExcerptAttribute(): string
    {
        return $this->user->name.': '.substr($this->title, 0, 20);
    }

    public function commentTotal(): int
    {
        return $this->comments()->count();
    }
}
