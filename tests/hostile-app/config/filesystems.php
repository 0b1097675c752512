<?php

return ['default' => 'local', 'disks' => [
    'local' => ['driver' => 'local', 'root' => storage_path('app')],
    'outside' => ['driver' => 'local', 'root' => base_path('../outside'), 'throw' => true],
    'public' => ['driver' => 'local', 'root' => public_path('uploads'), 'throw' => true],
    's3' => ['driver' => 's3', 'key' => env('AWS_ACCESS_KEY_ID'), 'secret' => env('AWS_SECRET_ACCESS_KEY'), 'region' => env('AWS_DEFAULT_REGION'),
        'bucket' => env('AWS_BUCKET'), 'throw' => true, 'retries' => 0],
]];
