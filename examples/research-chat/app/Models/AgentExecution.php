<?php

namespace App\Models;

use Database\Factories\AgentExecutionFactory;
use Illuminate\Database\Eloquent\Factories\HasFactory;
use Illuminate\Database\Eloquent\Model;
use Illuminate\Database\Eloquent\Relations\BelongsTo;

class AgentExecution extends Model
{
    /** @use HasFactory<AgentExecutionFactory> */
    use HasFactory;

    public const STATUSES = ['pending', 'running', 'completed', 'failed'];

    protected $fillable = [
        'team_id', 'agent_id', 'user_id', 'chat_session_id', 'status', 'query', 'response', 'endpoint',
        'duration_ms', 'prompt_tokens', 'completion_tokens', 'error', 'started_at', 'completed_at',
    ];

    protected function casts(): array
    {
        return [
            'started_at' => 'datetime',
            'completed_at' => 'datetime',
        ];
    }

    public function agent(): BelongsTo
    {
        return $this->belongsTo(Agent::class);
    }

    public function user(): BelongsTo
    {
        return $this->belongsTo(User::class);
    }

    public function session(): BelongsTo
    {
        return $this->belongsTo(ChatSession::class, 'chat_session_id');
    }
}
