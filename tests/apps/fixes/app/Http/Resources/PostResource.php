<?php

namespace App\Http\Resources;

use Illuminate\Http\Request;
use Illuminate\Http\Resources\Json\JsonResource;

class PostResource extends JsonResource
{
    public function toArray(Request $request): array
    {
        return [
            'id' => $this->id,
            'author' => $this->user->name,
            'category' => $this->whenLoaded('category'),
            'topic' => $this->category?->name,
            'comments' => $this->when($request->boolean('full'), fn () => $this->comments->count()),
        ];
    }
}
