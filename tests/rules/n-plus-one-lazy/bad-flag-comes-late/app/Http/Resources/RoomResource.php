<?php

namespace App\Http\Resources;

use Illuminate\Http\Resources\Json\JsonResource;

class RoomResource extends JsonResource
{
    protected bool $withOwner = false;

    public function withOwner(): static
    {
        $this->withOwner = true;

        return $this;
    }

    public function toArray($request)
    {
        return [
            'name' => $this->name,
            $this->mergeWhen($this->withOwner, ['owner' => $this->owner->name]),
        ];
    }
}
