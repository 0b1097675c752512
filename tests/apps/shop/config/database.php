<?php

return [
    'default' => env('DB_CONNECTION', 'sqlite'),
    'connections' => [
        'mysql' => ['driver' => 'mysql', 'strict' => true],
        'sqlite' => ['driver' => 'sqlite'],
    ],
];
