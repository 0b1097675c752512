<?php

namespace App\Models;

use Database\Factories\AgentFactory;
use Illuminate\Database\Eloquent\Builder;
use Illuminate\Database\Eloquent\Casts\Attribute;
use Illuminate\Database\Eloquent\Factories\HasFactory;
use Illuminate\Database\Eloquent\Model;
use Illuminate\Database\Eloquent\Relations\BelongsTo;
use Illuminate\Database\Eloquent\Relations\BelongsToMany;
use Illuminate\Database\Eloquent\Relations\HasMany;

class Agent extends Model
{
    /** @use HasFactory<AgentFactory> */
    use HasFactory;

    public const TYPES = ['research', 'summary', 'analysis', 'review', 'extraction'];

    protected $fillable = [
        'team_id', 'user_id', 'name', 'type', 'description', 'system_prompt', 'model', 'temperature', 'is_active',
    ];

    protected function casts(): array
    {
        return [
            'temperature' => 'float',
            'is_active' => 'boolean',
        ];
    }

    public function team(): BelongsTo
    {
        return $this->belongsTo(Team::class);
    }

    public function owner(): BelongsTo
    {
        return $this->belongsTo(User::class, 'user_id');
    }

    public function tools(): BelongsToMany
    {
        return $this->belongsToMany(Tool::class);
    }

    public function knowledgeDocuments(): BelongsToMany
    {
        return $this->belongsToMany(KnowledgeDocument::class);
    }

    public function executions(): HasMany
    {
        return $this->hasMany(AgentExecution::class);
    }

    /** The newest run, of agents that were asked for withLastExecution(). */
    public function lastExecution(): BelongsTo
    {
        return $this->belongsTo(AgentExecution::class, 'last_execution_id');
    }

    /** One index look-up an agent, where latestOfMany() would group all runs. */
    public function scopeWithLastExecution(Builder $query): void
    {
        $query->addSelect(['last_execution_id' => AgentExecution::query()
            ->select('id')
            ->whereColumn('agent_id', 'agents.id')
            ->latest()
            ->latest('id')
            ->limit(1)]);
    }

    public function scopeActive(Builder $query): void
    {
        $query->where('is_active', true);
    }

    /** Share of finished runs, in percent; needs withCount('executions') and its completed_count. */
    protected function successRate(): Attribute
    {
        return Attribute::get(fn () => $this->executions_count
            ? (int) round(100 * $this->completed_count / $this->executions_count)
            : null);
    }
}
