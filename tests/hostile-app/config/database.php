<?php

$mysql = ['driver' => 'mysql', 'database' => 'shop', 'username' => 'root', 'password' => '', 'charset' => 'utf8mb4'];

return [
    'default' => env('DB_CONNECTION', 'sqlite'),
    'connections' => [
        'sqlite' => ['driver' => 'sqlite', 'url' => env('DB_URL'), 'database' => env('DB_DATABASE'), 'prefix' => '',
            'foreign_key_constraints' => true, 'journal_mode' => 'wal', 'busy_timeout' => 5000],
        'legacy' => ['driver' => 'sqlite', 'database' => env('HOSTILE_DIR').'/legacy.sqlite', 'prefix' => ''],
        'tcp' => ['host' => '127.0.0.1', 'port' => env('HOSTILE_PORT')] + $mysql,
        'socket' => ['host' => 'localhost', 'unix_socket' => env('HOSTILE_SOCKET')] + $mysql,
    ],
    'redis' => ['client' => 'phpredis',
        'default' => ['host' => 'redis.example.com', 'password' => env('REDIS_PASSWORD'), 'port' => 6379, 'database' => 0],
        'cache' => ['url' => 'tls://user:secret@redis.example.com:6380', 'database' => 1]],
];
