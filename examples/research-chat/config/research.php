<?php

return [

    'ai' => [
        'primary_url' => env('AI_PRIMARY_URL', 'http://127.0.0.1:9410'),
        'fallback_url' => env('AI_FALLBACK_URL', 'http://127.0.0.1:9411'),
        'key' => env('AI_API_KEY'),
        'chat_model' => env('AI_CHAT_MODEL', 'gpt-4o-mini'),
        'embedding_model' => env('AI_EMBEDDING_MODEL', 'text-embedding-3-small'),
        'embedding_dimensions' => (int) env('AI_EMBEDDING_DIMENSIONS', 256),
        'connect_timeout' => (int) env('AI_CONNECT_TIMEOUT', 5),
        'timeout' => (int) env('AI_TIMEOUT', 30),
    ],

    'search' => [
        'driver' => env('SEARCH_DRIVER', 'database'),
        'host' => env('MEILISEARCH_HOST', 'http://127.0.0.1:9410'),
        'key' => env('MEILISEARCH_KEY'),
        'index' => env('MEILISEARCH_INDEX', 'knowledge_documents'),
        'cutoff_ms' => (int) env('MEILISEARCH_CUTOFF_MS', 500),
    ],

    'cdn' => [
        'url' => env('CDN_URL'),
        'max_age' => (int) env('CDN_MAX_AGE', 86400),
    ],

    'metrics' => [
        'store' => env('METRICS_STORE', 'file'),
        'path' => env('METRICS_PATH', storage_path('metrics')),
        'token' => env('METRICS_TOKEN'),
    ],

    'monitor' => [
        'slow_query_ms' => (float) env('SLOW_QUERY_MS', 1000),
        'counted_query_ms' => (float) env('COUNTED_QUERY_MS', 100),
    ],

    'seed_size' => env('SEED_SIZE', 'large'),

];
