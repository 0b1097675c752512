<?php

namespace App\Http\Controllers;

use App\Models\KnowledgeDocument;
use Illuminate\Http\Request;
use Symfony\Component\HttpFoundation\Response;

/**
 * A document's text as a file; the fourth cache level. Public files may be kept by a CDN and are
 * revalidated by their ETag; what not everybody may read is for the reader's browser alone.
 */
class DocumentFileController extends Controller
{
    /** For a CDN: no session, no cookie, public documents only, so that one copy serves everybody. */
    public function shared(Request $request, int $document): Response
    {
        $file = KnowledgeDocument::query()
            ->select(['id', 'title', 'content', 'content_hash', 'file_path', 'updated_at'])
            ->where('privacy_level', 'public')
            ->whereNotNull('file_path')
            ->findOrFail($document);

        return $this->respond($request, $file)
            ->setPublic()
            ->setMaxAge(300)
            ->setSharedMaxAge((int) config('research.cdn.max_age'));
    }

    public function show(Request $request, KnowledgeDocument $document): Response
    {
        abort_if($document->file_path === null, 404);

        if ($document->privacy_level === 'public' && config('research.cdn.url')) {
            return redirect()->away(rtrim(config('research.cdn.url'), '/').route('files.shared', $document->id, false));
        }

        return $this->respond($request, $document)->setPrivate()->setMaxAge(60);
    }

    private function respond(Request $request, KnowledgeDocument $document): Response
    {
        $response = response($document->content, 200, [
            'Content-Type' => 'text/plain; charset=utf-8',
            'Content-Disposition' => 'inline; filename="'.basename($document->file_path).'"',
            'Surrogate-Key' => "document-{$document->id}",
        ])->setEtag($document->content_hash ?? hash('sha256', $document->content));
        $response->isNotModified($request);

        return $response;
    }
}
