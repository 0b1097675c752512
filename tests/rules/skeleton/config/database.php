<?php

return [
    'default' => env('DB_CONNECTION', 'sqlite'),
    'connections' => ['sqlite' => ['driver' => 'sqlite', 'database' => database_path('database.sqlite')]],
];
