<?php

namespace App\Http\Controllers;

use App\Models\KnowledgeDocument;
use Illuminate\Database\Eloquent\Builder;
use Illuminate\Http\Request;
use Illuminate\View\View;

class KnowledgeController extends Controller
{
    public function index(): View
    {
        return view('knowledge.index');
    }

    public function show(Request $request, KnowledgeDocument $document): View
    {
        $document->load(['user:id,name,title', 'source:id,name,kind', 'tags:id,name,slug']);

        $notes = $document->notes()
            ->select(['id', 'user_id', 'body', 'created_at'])
            ->with('author:id,name')
            ->latest()
            ->latest('id')
            ->limit(50)
            ->get();

        $related = KnowledgeDocument::query()
            ->select(['id', 'team_id', 'user_id', 'title', 'description', 'content_type', 'privacy_level', 'status', 'word_count', 'created_at'])
            ->with(['user:id,name', 'tags:id,name'])
            ->browsableBy($request->user())
            ->where('content_type', $document->content_type)
            ->whereKeyNot($document->id)
            ->whereHas('tags', fn (Builder $tags) => $tags->whereKey($document->tags->modelKeys()))
            ->latest()
            ->latest('id')
            ->limit(6)
            ->get();

        return view('knowledge.show', compact('document', 'notes', 'related'));
    }
}
