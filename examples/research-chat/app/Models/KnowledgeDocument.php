<?php

namespace App\Models;

use App\Observers\KnowledgeDocumentObserver;
use Database\Factories\KnowledgeDocumentFactory;
use Illuminate\Database\Eloquent\Attributes\ObservedBy;
use Illuminate\Database\Eloquent\Builder;
use Illuminate\Database\Eloquent\Casts\Attribute;
use Illuminate\Database\Eloquent\Factories\HasFactory;
use Illuminate\Database\Eloquent\Model;
use Illuminate\Database\Eloquent\Relations\BelongsTo;
use Illuminate\Database\Eloquent\Relations\BelongsToMany;
use Illuminate\Database\Eloquent\Relations\MorphMany;

#[ObservedBy(KnowledgeDocumentObserver::class)]
class KnowledgeDocument extends Model
{
    /** @use HasFactory<KnowledgeDocumentFactory> */
    use HasFactory;

    public const TYPES = ['paper', 'report', 'dataset', 'protocol', 'note'];

    public const STATUSES = ['draft', 'indexed', 'archived'];

    public const PRIVACY_LEVELS = ['private', 'team', 'public'];

    protected $fillable = [
        'team_id', 'user_id', 'source_id', 'title', 'description', 'content', 'content_type',
        'privacy_level', 'status', 'file_path', 'expires_at',
    ];

    protected $hidden = ['content', 'embedding'];

    protected function casts(): array
    {
        return [
            'embedding' => 'array',
            'embedding_generated_at' => 'datetime',
            'expires_at' => 'datetime',
        ];
    }

    public function team(): BelongsTo
    {
        return $this->belongsTo(Team::class);
    }

    public function user(): BelongsTo
    {
        return $this->belongsTo(User::class);
    }

    public function source(): BelongsTo
    {
        return $this->belongsTo(Source::class);
    }

    public function tags(): BelongsToMany
    {
        return $this->belongsToMany(Tag::class, 'document_tag');
    }

    public function agents(): BelongsToMany
    {
        return $this->belongsToMany(Agent::class);
    }

    public function notes(): MorphMany
    {
        return $this->morphMany(Note::class, 'notable');
    }

    /** What a user sees when browsing: the own team's documents, less the private ones of others. */
    public function scopeBrowsableBy(Builder $query, User $user): void
    {
        $query->where('team_id', $user->team_id)
            ->where(fn (Builder $inner) => $inner
                ->where('privacy_level', '!=', 'private')
                ->orWhere('user_id', $user->id));
    }

    /** The page of one document needs its text, never its vector. */
    public function resolveRouteBindingQuery($query, $value, $field = null)
    {
        return parent::resolveRouteBindingQuery($query, $value, $field)->select([
            'id', 'team_id', 'user_id', 'source_id', 'title', 'description', 'content', 'content_type', 'privacy_level',
            'status', 'file_path', 'word_count', 'embedding_generated_at', 'expires_at', 'created_at', 'updated_at',
        ]);
    }

    public function isVisibleTo(User $user): bool
    {
        return match ($this->privacy_level) {
            'public' => true,
            'team' => $this->team_id === $user->team_id,
            default => $this->user_id === $user->id,
        };
    }

    protected function readingMinutes(): Attribute
    {
        return Attribute::get(fn () => max(1, (int) round($this->word_count / 220)));
    }
}
