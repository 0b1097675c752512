<?php

namespace App\Http\Resources;

use App\Models\KnowledgeDocument;
use Illuminate\Http\Request;
use Illuminate\Http\Resources\Json\JsonResource;

/** @mixin KnowledgeDocument */
class DocumentResource extends JsonResource
{
    public function toArray(Request $request): array
    {
        return [
            'id' => $this->id,
            'title' => $this->title,
            'description' => $this->description,
            'content_type' => $this->content_type,
            'privacy_level' => $this->privacy_level,
            'status' => $this->status,
            'words' => $this->word_count,
            'owner' => ['id' => $this->user->id, 'name' => $this->user->name],
            'source' => $this->source?->name,
            'tags' => $this->tags->pluck('slug'),
            'notes_count' => $this->whenCounted('notes'),
            'created_at' => $this->created_at->toIso8601String(),
        ];
    }
}
