<?php

namespace App\Providers;

use App\Metrics\ArrayStore;
use App\Metrics\FileStore;
use App\Metrics\Metrics;
use App\Metrics\MetricStore;
use App\Metrics\RedisStore;
use App\Models\ChatSession;
use App\Models\KnowledgeDocument;
use App\Models\User;
use App\Services\AgentExecutor;
use App\Services\AiClient;
use App\Services\ChatStream;
use App\Services\PerformanceMonitor;
use App\Services\PerformantAgentExecutor;
use Illuminate\Database\Eloquent\Relations\Relation;
use Illuminate\Pagination\Paginator;
use Illuminate\Support\Facades\Queue;
use Illuminate\Support\ServiceProvider;
use Meilisearch\Client;

class AppServiceProvider extends ServiceProvider
{
    public function register(): void
    {
        $this->app->singleton(MetricStore::class, fn () => match (config('research.metrics.store')) {
            'redis' => new RedisStore,
            'array' => new ArrayStore,
            default => new FileStore(config('research.metrics.path')),
        });
        $this->app->singleton(Metrics::class);
        $this->app->alias(Metrics::class, 'metrics');
        $this->app->singleton(PerformanceMonitor::class);
        $this->app->singleton(AiClient::class);
        $this->app->singleton(ChatStream::class);
        $this->app->bind(AgentExecutor::class, PerformantAgentExecutor::class);
        $this->app->singleton(Client::class, fn () => new Client(config('research.search.host'), config('research.search.key')));
    }

    public function boot(PerformanceMonitor $monitor): void
    {
        Relation::enforceMorphMap([
            'user' => User::class,
            'document' => KnowledgeDocument::class,
            'session' => ChatSession::class,
        ]);

        Paginator::defaultView('pagination.full');
        Paginator::defaultSimpleView('pagination.simple');

        $this->monitor($monitor);
    }

    private function monitor(PerformanceMonitor $monitor): void
    {
        $monitor->measureQueryPerformance();
        $monitor->measureLivewirePerformance();
        $monitor->measureAgentPerformance();

        $this->app->terminating($monitor->flush(...));
        Queue::after($monitor->flush(...));
        Queue::failing($monitor->flush(...));
    }
}
