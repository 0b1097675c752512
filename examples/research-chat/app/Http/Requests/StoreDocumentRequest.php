<?php

namespace App\Http\Requests;

use App\Models\KnowledgeDocument;
use Illuminate\Foundation\Http\FormRequest;
use Illuminate\Validation\Rule;

class StoreDocumentRequest extends FormRequest
{
    public function rules(): array
    {
        return [
            'title' => ['required', 'string', 'max:255'],
            'description' => ['required', 'string', 'max:500'],
            'content' => ['required', 'string', 'max:500000'],
            'content_type' => ['required', Rule::in(KnowledgeDocument::TYPES)],
            'privacy_level' => ['required', Rule::in(KnowledgeDocument::PRIVACY_LEVELS)],
            // One statement for all of them: a rule on tags.* would ask the database once a tag.
            'tags' => ['array', 'max:12', Rule::exists('tags', 'id')],
        ];
    }
}
