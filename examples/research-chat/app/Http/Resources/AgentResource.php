<?php

namespace App\Http\Resources;

use App\Models\Agent;
use Illuminate\Http\Request;
use Illuminate\Http\Resources\Json\JsonResource;

/** @mixin Agent */
class AgentResource extends JsonResource
{
    public function toArray(Request $request): array
    {
        return [
            'id' => $this->id,
            'name' => $this->name,
            'type' => $this->type,
            'model' => $this->model,
            'owner' => $this->owner->name,
            'tools' => $this->tools->pluck('slug'),
            'executions_count' => $this->executions_count,
            'success_rate' => $this->success_rate,
        ];
    }
}
