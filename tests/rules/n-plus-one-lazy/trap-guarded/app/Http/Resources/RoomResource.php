<?php

namespace App\Http\Resources;

use Illuminate\Http\Resources\Json\JsonResource;

class RoomResource extends JsonResource
{
    public function toArray($request): array
    {
        return [
            'name' => $this->name,
            'owner' => $this->whenLoaded('owner', fn () => $this->owner->name),
            'creator' => $this->relationLoaded('creator') ? $this->creator->name : null,
        ];
    }
}
