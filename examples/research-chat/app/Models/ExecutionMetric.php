<?php

namespace App\Models;

use Illuminate\Database\Eloquent\Model;
use Illuminate\Database\Eloquent\Relations\BelongsTo;

class ExecutionMetric extends Model
{
    protected $fillable = ['team_id', 'agent_type', 'day', 'executions', 'failures', 'duration_ms', 'tokens'];

    protected function casts(): array
    {
        return ['day' => 'immutable_date:Y-m-d'];
    }

    public function team(): BelongsTo
    {
        return $this->belongsTo(Team::class);
    }
}
