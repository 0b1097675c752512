<?php

// Questions asked of the app before it serves, inside the walls. Each prints one JSON object and nothing else.
//
//   helper.php probe APP              what its configuration names: connections, stores, addresses (only config is booted)
//   helper.php manifest APP FILE      its package manifest as Composer's state says, our provider in front
//   helper.php walls APP FOLDER…      what a program inside really is: namespaces, capabilities, the mounts of folders
//   helper.php snapshot FROM TO       a consistent copy of a SQLite database
//   helper.php sql DSN USER PASSWORD  runs statements from standard input, one a line

[, $what, $a, $b, $c] = $argv + [2 => '', 3 => '', 4 => ''];

/** What went wrong, as the app says it: the first line, and the place. */
function failure(Throwable $e, string $base): array
{
    $line = trim(strtok($e->getMessage(), "\n")) ?: $e::class;

    return ['error' => mb_strcut($line, 0, 180), 'class' => $e::class,
        'file' => str_starts_with($e->getFile(), "$base/") ? substr($e->getFile(), strlen($base) + 1) : $e->getFile(),
        'line' => $e->getLine()];
}

function answer(array $what): never
{
    while (ob_get_level()) {
        ob_end_clean();                     // whatever the app printed while booting
    }
    echo json_encode($what, JSON_UNESCAPED_SLASHES | JSON_INVALID_UTF8_SUBSTITUTE | JSON_PARTIAL_OUTPUT_ON_ERROR), "\n";
    exit(0);
}

if ($what === 'walls') {
    preg_match_all('/^(CapEff|CapPrm|CapBnd|CapAmb|NoNewPrivs):\s*(\S+)$/m', (string) file_get_contents('/proc/self/status'), $m);
    $mounts = ['base' => mountOf($a), 'run' => mountOf('/run'), 'root' => mountOf('/')];
    foreach (array_slice($argv, 3) as $i => $folder) {
        $mounts[$i ? "db:$folder" : 'storage'] = mountOf($folder);
    }
    answer(['status' => array_combine($m[1], $m[2]), 'mounts' => $mounts, 'net' => (string) readlink('/proc/self/ns/net'),
        'mnt' => (string) readlink('/proc/self/ns/mnt'), 'pid' => (string) readlink('/proc/self/ns/pid')]);
}

if ($what === 'snapshot') {
    $from = new SQLite3($a, SQLITE3_OPEN_READWRITE);
    $from->busyTimeout(5000);
    answer(['ok' => $from->backup(new SQLite3($b))]);
}

if ($what === 'sql') {
    $db = new PDO($a, $b, $c, [PDO::ATTR_ERRMODE => PDO::ERRMODE_EXCEPTION]);
    $rows = [];
    while (($line = fgets(STDIN)) !== false) {
        if (trim($line) !== '') {
            $rows[] = $db->query($line)->fetchAll(PDO::FETCH_NUM);
        }
    }
    answer(['rows' => $rows]);
}

/** The mount that holds a path; later lines of mountinfo lie on top of earlier ones. */
function mountOf(string $path): array
{
    $best = ['at' => '', 'type' => '', 'options' => '', 'writable' => false];
    foreach (file('/proc/self/mountinfo', FILE_IGNORE_NEW_LINES) ?: [] as $line) {
        [$left, $right] = explode(' - ', $line, 2) + [1 => ''];
        [, , , , $at, $flags] = explode(' ', $left);
        $at = str_replace(['\\040', '\\011', '\\012', '\\134'], [' ', "\t", "\n", '\\'], $at);
        if (($at === '/' || $path === $at || str_starts_with($path, "$at/")) && strlen($at) >= strlen($best['at'])) {
            [$type, , $options] = explode(' ', $right, 3) + [1 => '', 2 => ''];
            $best = ['at' => $at, 'type' => $type, 'options' => $options, 'writable' => str_starts_with($flags, 'rw')];
        }
    }

    return $best;
}

ob_start();
register_shutdown_function(function () use ($a) {
    $e = error_get_last();
    if ($e && $e['type'] & (E_ERROR | E_PARSE | E_CORE_ERROR | E_COMPILE_ERROR)) {
        answer(failure(new ErrorException(strtok($e['message'], "\n"), 0, $e['type'], $e['file'], $e['line']), $a));
    }
});
error_reporting(E_ALL & ~E_DEPRECATED & ~E_USER_DEPRECATED);
ini_set('display_errors', '0');

try {
    require "$a/vendor/autoload.php";
    $what === 'manifest' ? manifest($a, $b) : probe($a);
} catch (Throwable $e) {
    answer(failure($e, $a));
}

function manifest(string $base, string $file): never
{
    $manifest = new Illuminate\Foundation\PackageManifest(new Illuminate\Filesystem\Filesystem, $base, $file);
    $manifest->build();                     // honours dont-discover, boots nothing, reads no stale bootstrap/cache
    $all = ['fettle/instance' => ['providers' => ['Fettle\\FettleProvider']]] + require $file;
    // The manifest is read before any provider is made, by every way of running PHP (`php -r` reads no prepend file).
    file_put_contents($file, '<?php require_once '.var_export(__DIR__.'/autoload.php', true).'; return '.var_export($all, true).';');
    answer(['packages' => count($all) - 1]);
}

function probe(string $base): never
{
    $app = require "$base/bootstrap/app.php";
    $app->bootstrapWith([Illuminate\Foundation\Bootstrap\LoadEnvironmentVariables::class,
        Illuminate\Foundation\Bootstrap\LoadConfiguration::class]);
    $config = $app['config'];
    $default = (string) $config->get('database.default');
    $connections = [];
    foreach ((array) $config->get('database.connections', []) as $name => $c) {
        $connections[] = connection($base, (string) $name, $name === $default, (array) $c);
    }
    $store = (string) $config->get('cache.default');
    answer([
        'laravel' => $app->version(), 'env' => (string) $config->get('app.env'), 'url' => (string) $config->get('app.url'),
        'key' => (string) $config->get('app.key') !== '', 'storage' => real($app->storagePath()),
        'has_env' => is_file("$base/.env"), 'connections' => $connections, 'redis' => redis($config),
        'redis_client' => (string) $config->get('database.redis.client', 'phpredis'),
        'session' => (string) $config->get('session.driver'), 'session_table' => (string) $config->get('session.table', 'sessions'),
        'cache' => (string) ($config->get("cache.stores.$store.driver") ?? $store), 'cache_table' => (string) $config->get("cache.stores.$store.table", 'cache'),
        'queue' => (string) $config->get('queue.connections.'.$config->get('queue.default').'.driver'),
        'queue_table' => (string) $config->get('queue.connections.'.$config->get('queue.default').'.table', 'jobs'),
        'broadcast' => (string) $config->get('broadcasting.default'), 'ports' => ports($config->all()),
        'vite' => is_file("$base/public/build/manifest.json") || is_file("$base/public/hot"),
        'down' => is_file($app->storagePath().'/framework/down'),
        'cached_config' => is_file("$base/bootstrap/cache/config.php"),
    ]);
}

function real(string $path): string
{
    return realpath($path) ?: $path;
}

/** One connection, with its address taken apart. Passwords stay inside: they go to the dump program by its environment. */
function connection(string $base, string $name, bool $default, array $c): array
{
    if (class_exists(Illuminate\Support\ConfigurationUrlParser::class)) {
        $c = (new Illuminate\Support\ConfigurationUrlParser)->parseConfiguration($c);
    }
    $read = fn (string $key) => first($c[$key] ?? null) ?? first($c['write'][$key] ?? null) ?? first($c['write'][0][$key] ?? null);
    $driver = (string) ($c['driver'] ?? '');
    $database = (string) $read('database');
    $out = ['name' => $name, 'default' => $default, 'driver' => $driver, 'database' => $database, 'host' => (string) $read('host'),
        'port' => (int) $read('port'), 'socket' => (string) $read('unix_socket'), 'user' => (string) $read('username'),
        'password' => (string) $read('password'), 'charset' => (string) ($c['charset'] ?? ''), 'file' => '',
        'schema' => (string) (first($c['search_path'] ?? null) ?? first($c['schema'] ?? null) ?? '')];
    if ($driver === 'sqlite' && $database !== '' && ! str_contains($database, ':memory:') && ! str_contains($database, 'mode=memory')) {
        $path = str_starts_with($database, '/') ? $database : "$base/$database";
        $out['file'] = realpath($path) ?: (($folder = realpath(dirname($path))) ? $folder.'/'.basename($path) : $path);
        $out['exists'] = is_file($path);
    }

    return $out;
}

function first(mixed $value): mixed
{
    return is_array($value) ? (isset($value[0]) && is_scalar($value[0]) ? $value[0] : null) : $value;
}

function redis($config): array
{
    $out = [];
    foreach ((array) $config->get('database.redis', []) as $name => $c) {
        if (is_array($c) && ! in_array($name, ['options', 'clusters'], true) && (isset($c['host']) || isset($c['url']) || isset($c['path']))) {
            $c = (new Illuminate\Support\ConfigurationUrlParser)->parseConfiguration($c);
            $out[] = ['name' => (string) $name, 'host' => (string) ($c['host'] ?? ''), 'port' => (int) ($c['port'] ?? 6379),
                'database' => (int) ($c['database'] ?? 0)];
        }
    }

    return $out;
}

/** Ports of the addresses that the configuration names: the stand-in listens there too. */
function ports(array $config): array
{
    $found = [];
    array_walk_recursive($config, function ($value) use (&$found) {
        if (is_string($value) && preg_match_all('~https?://[\w.\-]+:(\d{2,5})\b~', $value, $m)) {
            foreach ($m[1] as $port) {
                $found[(int) $port] = true;
            }
        }
    });

    return array_slice(array_keys($found), 0, 32);
}
