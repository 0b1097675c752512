<?php

namespace App\Providers;

use App\Models\ChatSession;
use App\Models\KnowledgeDocument;
use Illuminate\Database\Eloquent\Relations\Relation;
use Illuminate\Pagination\Paginator;
use Illuminate\Support\ServiceProvider;

class AppServiceProvider extends ServiceProvider
{
    public function register(): void
    {
        //
    }

    public function boot(): void
    {
        Relation::enforceMorphMap([
            'document' => KnowledgeDocument::class,
            'session' => ChatSession::class,
        ]);

        Paginator::defaultView('pagination.full');
        Paginator::defaultSimpleView('pagination.simple');
    }
}
