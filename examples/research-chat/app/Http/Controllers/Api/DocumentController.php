<?php

namespace App\Http\Controllers\Api;

use App\Http\Controllers\Controller;
use App\Http\Requests\StoreDocumentRequest;
use App\Http\Resources\DocumentResource;
use App\Models\KnowledgeDocument;
use App\Repositories\OptimizedKnowledgeRepository;
use App\Services\PerformanceCacheManager;
use Illuminate\Http\JsonResponse;
use Illuminate\Http\Request;
use Illuminate\Http\Resources\Json\AnonymousResourceCollection;
use Illuminate\Validation\Rule;

class DocumentController extends Controller
{
    /** Documents whose status one request may change. */
    private const AT_ONCE = 500;

    public function index(Request $request): AnonymousResourceCollection
    {
        $filters = $request->validate([
            'type' => ['nullable', Rule::in(KnowledgeDocument::TYPES)],
            'status' => ['nullable', Rule::in(KnowledgeDocument::STATUSES)],
        ]);

        $documents = KnowledgeDocument::query()
            ->select(['id', 'team_id', 'user_id', 'source_id', 'title', 'description', 'content_type', 'privacy_level', 'status', 'word_count', 'created_at'])
            ->with(['user:id,name', 'source:id,name', 'tags:id,slug'])
            ->withCount('notes')
            ->browsableBy($request->user())
            ->when($filters['type'] ?? null, fn ($query, string $type) => $query->where('content_type', $type))
            ->when($filters['status'] ?? null, fn ($query, string $status) => $query->where('status', $status))
            ->latest()
            ->latest('id')
            ->cursorPaginate(50);

        return DocumentResource::collection($documents);
    }

    public function show(Request $request, PerformanceCacheManager $cache, int $document): JsonResponse
    {
        $payload = $cache->document($document, $request->user());
        abort_if($payload === null, 404);

        return response()->json(['data' => $payload]);
    }

    public function search(Request $request, PerformanceCacheManager $cache): JsonResponse
    {
        $filters = $request->validate([
            'q' => ['required', 'string', 'max:200'],
            'content_type' => ['nullable', Rule::in(KnowledgeDocument::TYPES)],
            'limit' => ['nullable', 'integer', 'between:1,50'],
        ]);

        return response()->json([
            'data' => $cache->getCachedSearchResults($filters['q'], array_filter([
                'content_type' => $filters['content_type'] ?? null,
                'limit' => (int) ($filters['limit'] ?? 10),
            ]), $request->user()),
        ]);
    }

    public function store(StoreDocumentRequest $request): JsonResponse
    {
        $document = $request->user()->documents()->create([
            ...$request->safe()->except('tags'),
            'team_id' => $request->user()->team_id,
            'status' => 'draft',
        ]);
        $document->tags()->sync($request->validated('tags', []));

        return response()->json(['data' => ['id' => $document->id]], 201);
    }

    /** Many documents get one status, by one statement; only those that the user may change. */
    public function updateStatus(Request $request, OptimizedKnowledgeRepository $documents, PerformanceCacheManager $cache): JsonResponse
    {
        $validated = $request->validate([
            'ids' => ['required', 'array', 'max:'.self::AT_ONCE],
            'ids.*' => ['integer'],
            'status' => ['required', Rule::in(KnowledgeDocument::STATUSES)],
        ]);

        $own = KnowledgeDocument::query()
            ->select(['id', 'team_id', 'user_id', 'privacy_level'])
            ->whereKey($validated['ids'])
            ->where('team_id', $request->user()->team_id)
            ->when(! $request->user()->isAdmin(), fn ($query) => $query->where('user_id', $request->user()->id))
            ->limit(self::AT_ONCE)
            ->get();

        $changed = $documents->bulkUpdateStatus($own->modelKeys(), $validated['status']);
        $cache->forgetDocuments($own);

        return response()->json(['changed' => $changed]);
    }
}
