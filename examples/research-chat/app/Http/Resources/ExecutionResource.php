<?php

namespace App\Http\Resources;

use App\Models\AgentExecution;
use Illuminate\Http\Request;
use Illuminate\Http\Resources\Json\JsonResource;

/** @mixin AgentExecution */
class ExecutionResource extends JsonResource
{
    public function toArray(Request $request): array
    {
        return [
            'id' => $this->id,
            'status' => $this->status,
            'query' => $this->query,
            'asked_by' => $this->user ? ['name' => $this->user->name, 'team' => $this->user->team->name] : null,
            'duration_ms' => $this->duration_ms,
            'tokens' => $this->prompt_tokens + $this->completion_tokens,
            'created_at' => $this->created_at->toIso8601String(),
        ];
    }
}
