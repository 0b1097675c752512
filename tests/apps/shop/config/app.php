<?php

return [
    'name' => env('APP_NAME', 'Laravel'),
    'debug' => (bool) env('APP_DEBUG', false),
    'locale' => env('APP_LOCALE', 'en'),
    'key' => env('APP_KEY'),
    'paths' => [storage_path('logs'), base_path('x')],
];
