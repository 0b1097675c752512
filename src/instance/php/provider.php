<?php

// The extra provider of a private instance. Its name stands first in a copy of the package manifest, so register() runs
// right after Laravel's own providers and before every package's and the app's: nobody has opened a connection yet.
// It must stay idempotent, free of closures in config and routes (config:cache and route:cache boot it too), and cheap:
// it runs in every request that is measured.

namespace Fettle;

use Illuminate\Cache\RateLimiter;
use Illuminate\Contracts\Routing\UrlRoutable;
use Illuminate\Database\Eloquent\Model;
use Illuminate\Foundation\Http\Events\RequestHandled;
use Illuminate\Foundation\Mix;
use Illuminate\Foundation\Vite;
use Illuminate\Routing\Events\RouteMatched;
use Illuminate\Support\Facades\Auth;
use Illuminate\Support\Facades\DB;
use Illuminate\Support\Facades\Event;
use Illuminate\Support\Facades\Route;
use Illuminate\Support\HtmlString;
use Illuminate\Support\ServiceProvider;
use Illuminate\Support\Str;

/** What fettle decided outside: plan.json in the instance's folder. */
final class Plan
{
    private static ?array $plan = null;

    public static function dir(): string
    {
        return (string) getenv('FETTLE_DIR');
    }

    public static function get(string $key, mixed $default = null): mixed
    {
        self::$plan ??= json_decode((string) @file_get_contents(self::dir().'/plan.json'), true) ?: [];

        return self::$plan[$key] ?? $default;
    }
}

final class FettleProvider extends ServiceProvider
{
    public function register(): void
    {
        if (! $this->app->configurationIsCached()) {
            Quiet::apply($this->app['config']);
        }
        if (getenv('FETTLE_GUARD')) {
            Guard::install($this->app);
        }
        // Throttling still counts (its cache statements are part of the page) but never refuses: the second request of a
        // drive is often one too many. extend, not singleton: Laravel's own binding is deferred and would replace ours.
        $this->app->extend(RateLimiter::class, fn ($limiter, $app) => new class($app->make('cache')->driver($app['config']['cache.limiter'])) extends RateLimiter
        {
            public function tooManyAttempts($key, $maxAttempts)
            {
                parent::tooManyAttempts($key, $maxAttempts);

                return false;
            }
        });
    }

    public function boot(): void
    {
        Event::listen(RequestHandled::class, [Witness::class, 'handled']);
        if (isset($_SERVER['HTTP_X_FETTLE_USER'])) {
            Event::listen(RouteMatched::class, [Badge::class, 'show']);
        }
        if (isset($_SERVER['HTTP_X_FETTLE_RECORD'])) {
            Recorder::start($this->app, (string) $_SERVER['HTTP_X_FETTLE_RECORD']);
        }
        if (getenv('FETTLE_FREEZE') && isset($_SERVER['HTTP_X_FETTLE_SEED'])) {
            Frozen::apply((int) getenv('FETTLE_FREEZE'));
        }
        if (! is_file(public_path('build/manifest.json')) && ! is_file(public_path('hot'))) {
            $this->app->instance(Vite::class, new NoVite);
        }
        $this->app->bind(Mix::class, fn () => new class extends Mix
        {
            public function __invoke($path, $manifestDirectory = '')
            {
                try {
                    return parent::__invoke($path, $manifestDirectory);
                } catch (\Throwable) {          // no manifest: the address without its version
                    return new HtmlString($path);
                }
            }
        });
        if (! $this->app->routesAreCached()) {      // classes, not closures: they must survive route:cache
            Route::get('/__fettle/self', [Door::class, 'self']);
            Route::get('/__fettle/routes', [Door::class, 'routes'])->middleware('web');
            Route::get('/__fettle/users', [Door::class, 'users']);
            Route::get('/__fettle/people', [People::class, 'list']);
            Route::get('/__fettle/login/{guard}/{id}', [Door::class, 'login'])->middleware('web');
        }
    }
}

/** Configuration of what must not reach out or look on. Baked into the cached configuration. */
final class Quiet
{
    private const OFF = ['app.debug', 'telescope.enabled', 'debugbar.enabled', 'pulse.enabled', 'nightwatch.enabled',
        'clockwork.enable', 'ray.enable', 'sentry.dsn', 'bugsnag.api_key', 'flare.key'];

    public static function apply($config): void
    {
        foreach (Plan::get('connections', []) as $name => $set) {
            foreach ($set as $key => $value) {
                $config->set("database.connections.$name.$key", $value);
            }
        }
        foreach (array_keys(Plan::get('connections', [])) as $name) {       // a private socket speaks no TLS
            $options = (array) $config->get("database.connections.$name.options");
            foreach (['CA', 'CAPATH', 'CERT', 'KEY', 'CIPHER', 'VERIFY_SERVER_CERT'] as $what) {
                if (defined("PDO::MYSQL_ATTR_SSL_$what")) {
                    unset($options[constant("PDO::MYSQL_ATTR_SSL_$what")]);
                }
            }
            $config->set("database.connections.$name.options", $options);
        }
        foreach (Plan::get('redis', []) as $name => $set) {
            $config->set("database.redis.$name", array_merge((array) $config->get("database.redis.$name"), $set));
        }
        foreach (Plan::get('set', []) as $key => $value) {
            $config->set($key, $value);
        }
        foreach ((array) $config->get('mail.mailers', []) as $name => $_) {
            $config->set("mail.mailers.$name", ['transport' => 'array']);
        }
        foreach ((array) $config->get('logging.channels', []) as $name => $c) {
            if (! in_array($c['driver'] ?? '', ['stack', 'null'], true) && ($c['handler'] ?? '') !== 'Monolog\Handler\NullHandler') {
                $config->set("logging.channels.$name", ['driver' => 'single', 'path' => Plan::dir().'/app.log', 'level' => $c['level'] ?? 'debug']);
            }
        }
        foreach ((array) $config->get('queue.connections', []) as $name => $c) {
            if (! in_array($c['driver'] ?? '', ['sync', 'database', 'redis', 'null', 'deferred', 'background', 'failover'], true)) {
                $config->set("queue.connections.$name", ['driver' => 'null']);
            }
        }
        foreach ((array) $config->get('broadcasting.connections', []) as $name => $_) {
            $config->set("broadcasting.connections.$name", ['driver' => 'null']);
        }
        $config->set('view.compiled', Plan::dir().'/views');
        foreach (self::OFF as $key) {
            if ($config->has($key)) {
                $config->set($key, is_bool($config->get($key)) || str_ends_with($key, 'enabled') ? false : null);
            }
        }
        $config->set('app.debug', false);
    }
}

/**
 * Where there is no mount namespace the databases cannot be laid over: connections are refused by what Laravel asks the
 * container for. It cannot see `new PDO`, mysqli, SQLite3, pg_connect or ATTACH; the extension's guard sees most of these.
 */
final class Guard
{
    public static function install($app): void
    {
        $connectors = ['sqlite' => 'SQLite', 'mysql' => 'MySql', 'mariadb' => 'MariaDb', 'pgsql' => 'Postgres', 'sqlsrv' => 'SqlServer'];
        foreach ($connectors as $driver => $class) {
            $class = "Illuminate\\Database\\Connectors\\{$class}Connector";
            if (class_exists($class)) {
                $app->bind("db.connector.$driver", fn () => new class(new $class) implements \Illuminate\Database\Connectors\ConnectorInterface
                {
                    public function __construct(private object $real) {}

                    public function connect(array $config)
                    {
                        if (! Guard::isPrivate($config)) {
                            throw new \PDOException('fettle: this connection is not private to the instance');
                        }

                        return $this->real->connect($config);
                    }
                });
            }
        }
    }

    public static function isPrivate(array $c): bool
    {
        $allowed = explode("\n", (string) getenv('FETTLE_ALLOW'));
        $database = (string) ($c['database'] ?? '');
        if (($c['driver'] ?? '') === 'sqlite') {
            return str_contains($database, ':memory:') || in_array(realpath($database) ?: $database, $allowed, true);
        }

        return in_array((string) (($c['unix_socket'] ?? '') ?: ($c['host'] ?? '')), $allowed, true);
    }
}

/** Tells the driver what the app threw: the first line and the place, in a header. */
final class Witness
{
    public static function handled(RequestHandled $event): void
    {
        $e = $event->response->exception ?? null;
        if ($e instanceof \Throwable) {
            while ($e->getPrevious() && $e instanceof \Illuminate\View\ViewException) {
                $e = $e->getPrevious();
            }
            $event->response->headers->set('X-Fettle-Error', self::line($e));
        }
    }

    public static function line(\Throwable $e): string
    {
        $file = str_replace(base_path().'/', '', $e->getFile());
        $text = class_basename($e).': '.strtok($e->getMessage() ?: '(no message)', "\n").' ('.$file.':'.$e->getLine().')';

        return mb_strcut(preg_replace('/[^\x20-\x7e]+/', '?', $text), 0, 400);
    }
}

/** Routes behind a token (auth:sanctum, auth:api) are visited as the same user: nobody has a token here. */
final class Badge
{
    public static function show(RouteMatched $event): void
    {
        foreach ($event->route->gatherMiddleware() as $middleware) {
            if (! is_string($middleware) || ! preg_match('/^(?:auth|.*\\\\Authenticate):(.+)$/', $middleware, $m)) {
                continue;
            }
            foreach (explode(',', $m[1]) as $guard) {
                $driver = config("auth.guards.$guard.driver", $guard === 'sanctum' ? 'sanctum' : null);
                if ($driver !== null && $driver !== 'session') {
                    self::wear($guard);
                }
            }
        }
    }

    private static function wear(string $guard): void
    {
        try {
            $provider = config("auth.guards.$guard.provider") ?? config('auth.guards.'.config('auth.defaults.guard').'.provider') ?? 'users';
            $user = Auth::createUserProvider($provider)?->retrieveById($_SERVER['HTTP_X_FETTLE_USER']);
            if ($user && method_exists($user, 'withAccessToken') && class_exists('Laravel\\Sanctum\\TransientToken')) {
                $user->withAccessToken(new \Laravel\Sanctum\TransientToken);
            }
            if ($user && method_exists($g = Auth::guard($guard), 'setUser')) {
                $g->setUser($user);
            }
        } catch (\Throwable) {
            return;                             // then the route answers 401, and that is said
        }
    }
}

/** The same clock, random strings and UUIDs on both sides of a comparison; X-Fettle-Seed tells requests apart. */
final class Frozen
{
    public static function apply(int $at): void
    {
        $seed = crc32((string) ($_SERVER['HTTP_X_FETTLE_SEED'] ?? 'fettle'));
        mt_srand($seed);
        $n = 0;
        $hash = function (string $kind) use ($seed, &$n): string {
            return hash('sha256', "$kind/$seed/".$n++);
        };
        $uuid = fn () => preg_replace('/^(.{8})(.{4}).(.{3}).(.{3})(.{12}).*$/', '$1-$2-4$3-8$4-$5', $hash('uuid'));
        \Illuminate\Support\Carbon::setTestNow(\Illuminate\Support\Carbon::createFromTimestamp($at));
        if (class_exists(\Carbon\CarbonImmutable::class)) {
            \Carbon\CarbonImmutable::setTestNow(\Carbon\CarbonImmutable::createFromTimestamp($at));
        }
        if (method_exists(Str::class, 'createRandomStringsUsing')) {
            Str::createRandomStringsUsing(function (int $length) use ($hash): string {
                for ($out = ''; strlen($out) < $length;) {
                    $out .= $hash('random');
                }

                return substr($out, 0, $length);
            });
        }
        Str::createUuidsUsing(fn () => \Ramsey\Uuid\Uuid::fromString($uuid()));
        if (method_exists(Str::class, 'createUlidsUsing')) {
            Str::createUlidsUsing(fn () => new \Symfony\Component\Uid\Ulid(\Symfony\Component\Uid\Ulid::fromRfc4122($uuid())));
        }
    }
}

/** A page without its front-end build is measured all the same: a missing manifest would be a 500 on every page. */
final class NoVite extends Vite
{
    public function __invoke($entrypoints, $buildDirectory = null)
    {
        return new HtmlString('');
    }

    public function __call($method, $parameters)
    {
        return '';
    }

    public function asset($asset, $buildDirectory = null)
    {
        return '';
    }

    public function content($asset, $buildDirectory = null)
    {
        return '';
    }

    public function reactRefresh()
    {
        return '';
    }

    public function manifestHash($buildDirectory = null)
    {
        return null;
    }

    public function preloadedAssets()
    {
        return [];
    }
}

/** The routes that only the instance's own socket reaches. */
final class Door
{
    public function login(string $guard, string $id)
    {
        $user = Auth::guard($guard)->loginUsingId($id);
        session()->put('auth.password_confirmed_at', \Illuminate\Support\Carbon::now()->getTimestamp());       // else `password.confirm` pages redirect

        return response()->json(['ok' => (bool) $user, 'session' => config('session.driver')]);
    }

    /** What this worker really is: answered from inside, judged outside. */
    public function self()
    {
        $model = config('auth.providers.users.model');
        $paths = ['base' => base_path(), 'storage' => storage_path(), 'run' => '/run', 'root' => '/'];
        $connections = [];
        foreach ((array) config('database.connections', []) as $name => $c) {
            $c = (new \Illuminate\Support\ConfigurationUrlParser)->parseConfiguration((array) $c);
            $database = is_string($c['database'] ?? null) ? $c['database'] : '';
            $file = ($c['driver'] ?? '') === 'sqlite' && ! str_contains($database, ':memory:') ? (realpath($database) ?: $database) : '';
            if ($file !== '') {
                $paths["db:$name"] = $file;
            }
            $host = $c['host'] ?? '';
            $connections[] = ['name' => (string) $name, 'default' => $name === config('database.default'), 'driver' => (string) ($c['driver'] ?? ''),
                'file' => $file, 'host' => is_array($host) ? (string) ($host[0] ?? '') : (string) $host, 'socket' => (string) ($c['unix_socket'] ?? ''), 'database' => $database];
        }
        $status = (string) @file_get_contents('/proc/self/status');
        preg_match_all('/^(CapEff|CapPrm|CapBnd|CapAmb|NoNewPrivs):\s*(\S+)$/m', $status, $m);

        return response()->json([
            'laravel' => app()->version(), 'php' => PHP_VERSION, 'base' => base_path(), 'storage' => storage_path(),
            'status' => array_combine($m[1], $m[2]), 'mounts' => array_map([$this, 'mountOf'], $paths),
            'net' => (string) @readlink('/proc/self/ns/net'), 'mnt' => (string) @readlink('/proc/self/ns/mnt'), 'pid' => (string) @readlink('/proc/self/ns/pid'),
            'config_path' => app()->getCachedConfigPath(), 'packages_path' => app()->getCachedPackagesPath(), 'config_cached' => app()->configurationIsCached(),
            'routes_cached' => app()->routesAreCached(), 'events_cached' => app()->eventsAreCached(), 'compiled' => config('view.compiled'),
            'model' => $model, 'model_file' => is_string($model) && class_exists($model) ? (new \ReflectionClass($model))->getFileName() : null,
            'connections' => $connections, 'database_error' => $this->databaseError(), 'open' => $this->openFiles(),
            'opcache' => (bool) (@opcache_get_status(false)['opcache_enabled'] ?? false), 'extension' => phpversion('fettle') ?: null,
            'url' => config('app.url'), 'session' => config('session.driver'), 'env' => app()->environment(),
        ]);
    }

    private function databaseError(): ?string
    {
        try {
            DB::connection()->getPdo();

            return null;
        } catch (\Throwable $e) {
            return Witness::line($e);
        }
    }

    /** What SQLite really opened, whatever the configuration says. */
    private function openFiles(): array
    {
        $open = [];
        foreach (DB::getConnections() as $name => $c) {
            if ($c->getDriverName() === 'sqlite') {
                $open[$name] = array_values(array_filter(array_map(fn ($r) => $r->file, $c->select('pragma database_list'))));
            }
        }

        return $open;
    }

    /** The mount that holds a path: under overlays the path itself proves nothing. */
    private function mountOf(string $path): array
    {
        static $lines = null;
        $lines ??= file('/proc/self/mountinfo', FILE_IGNORE_NEW_LINES) ?: [];
        $best = ['at' => '', 'type' => '', 'options' => '', 'writable' => false];
        foreach ($lines as $line) {                 // later lines lie on top of earlier ones
            [$left, $right] = explode(' - ', $line, 2) + [1 => ''];
            $at = str_replace(['\\040', '\\011', '\\012', '\\134'], [' ', "\t", "\n", '\\'], explode(' ', $left)[4]);
            if (($at === '/' || $path === $at || str_starts_with($path, "$at/")) && strlen($at) >= strlen($best['at'])) {
                [$type, , $options] = explode(' ', $right, 3) + [1 => '', 2 => ''];
                $best = ['at' => $at, 'type' => $type, 'options' => $options, 'writable' => str_starts_with(explode(' ', $left)[5], 'rw')];
            }
        }

        return $best;
    }

    /** Whom to sign in: asked for by id or address, else the user whom most rows belong to. */
    public function users()
    {
        $guard = $this->guard((string) request('guard'));
        $provider = config("auth.guards.$guard.provider");
        $class = config("auth.providers.$provider.model");
        if (! is_string($class) || ! is_subclass_of($class, Model::class)) {
            return response()->json(['guard' => $guard, 'id' => null, 'why' => "the guard $guard has no Eloquent user model"]);
        }
        $user = new $class;
        $as = (string) request('as');
        if ($as !== '') {
            $found = $class::query()->where(str_contains($as, '@') ? 'email' : $user->getKeyName(), $as)->first();

            return response()->json(['guard' => $guard, 'id' => $found?->getAuthIdentifier(), 'asked' => true, 'why' => $found ? '' : "no user $as"]);
        }
        $rows = (new Owners($user))->count();
        foreach (array_keys($rows) as $id) {
            $found = $class::query()->find($id);
            if ($found && ! (array_key_exists('email_verified_at', $found->getAttributes()) && $found->email_verified_at === null)) {
                $other = $class::query()->whereKeyNot($found->getKey())->orderBy($user->getKeyName())->first();

                return response()->json(['guard' => $guard, 'id' => $found->getAuthIdentifier(), 'other' => $other?->getAuthIdentifier(),
                    'rows' => $rows[$id], 'users' => $class::query()->count()]);
            }
        }
        $found = $class::query()->first();

        return response()->json(['guard' => $guard, 'id' => $found?->getAuthIdentifier(), 'rows' => 0, 'users' => $class::query()->count(), 'why' => $found ? '' : 'there is no user']);
    }

    public function guard(string $asked): string
    {
        $default = (string) config('auth.defaults.guard', 'web');
        foreach ([$asked, $default, 'web', ...array_keys((array) config('auth.guards', []))] as $name) {
            if ($name !== '' && config("auth.guards.$name.driver") === 'session') {
                return (string) $name;
            }
        }

        return $asked ?: $default;
    }

    public function routes()
    {
        $fill = new Parameters;
        $out = [];
        foreach (Route::getRoutes() as $route) {
            if (! in_array('GET', $route->methods(), true) || str_starts_with($route->uri(), '__fettle')) {
                continue;
            }
            [$paths, $why, $sure] = $fill->paths($route);
            $middleware = $this->middleware($route);
            $uses = $route->getAction('uses');
            $out[] = ['uri' => $route->uri(), 'paths' => $paths, 'why' => $why, 'sure' => $sure, 'domain' => $route->getDomain(),
                'vendor' => $this->fromVendor($route), 'closure' => ! is_string($uses) || str_starts_with($uses, 'O:') || str_starts_with($uses, 'a:'),
                'signed' => in_array('signed', $middleware, true), 'guest' => in_array('guest', $middleware, true), 'name' => $route->getName()];
        }

        return response()->json($out);
    }

    private function middleware($route): array
    {
        try {
            return array_map(fn ($m) => is_string($m) ? strtok($m, ':') : '', $route->gatherMiddleware());
        } catch (\Throwable) {
            return [];
        }
    }

    /** Horizon's, Sanctum's and Livewire's own pages are not the app's to repair. */
    private function fromVendor($route): bool
    {
        try {
            $uses = $route->getAction('uses');
            if (is_string($uses) && ! str_starts_with($uses, 'O:') && ! str_starts_with($uses, 'a:')) {
                $class = explode('@', $uses)[0];
                $file = (new \ReflectionClass($class))->getFileName();
                // Route::view and Route::redirect: the controller is Laravel's, the page the app's
                return ! in_array($class, ['\Illuminate\Routing\ViewController', 'Illuminate\Routing\ViewController'], true)
                    && str_starts_with((string) $file, base_path('vendor').'/');
            }
            $closure = $uses instanceof \Closure ? $uses : unserialize($uses)->getClosure();
            $file = (new \ReflectionFunction($closure))->getFileName();
        } catch (\Throwable) {
            return false;
        }

        return str_starts_with((string) $file, base_path('vendor').'/');
    }
}

/** Tables and columns of the copy, on any engine, without doctrine. */
final class Tables
{
    private const LOOK_AT = 300000;

    private static ?array $columns = null;

    /** table => [column, …] */
    public static function all(): array
    {
        if (self::$columns !== null) {
            return self::$columns;
        }
        $c = DB::connection();
        $prefix = $c->getTablePrefix();
        $rows = match ($c->getDriverName()) {
            'sqlite' => $c->select("select m.name as t, p.name as c from sqlite_master m join pragma_table_info(m.name) p where m.type = 'table' and m.name not like 'sqlite_%'"),
            'mysql', 'mariadb' => $c->select('select table_name as t, column_name as c from information_schema.columns where table_schema = database()'),
            'pgsql' => $c->select('select table_name as t, column_name as c from information_schema.columns where table_schema = any (current_schemas(false))'),
            default => [],
        };
        self::$columns = [];
        foreach ($rows as $row) {
            $table = $prefix !== '' && str_starts_with($row->t, $prefix) ? substr($row->t, strlen($prefix)) : $row->t;
            self::$columns[$table][] = $row->c;
        }

        return self::$columns;
    }

    /** The ids that a column holds most often, in the first rows of a large table: id => rows. */
    public static function top(string $table, string $column, int $n): array
    {
        try {
            $q = DB::table($table)->select($column)->whereNotNull($column)->limit(self::LOOK_AT);

            return DB::query()->fromSub($q, 'fettle_part')->select($column)->selectRaw('count(*) as fettle_rows')
                ->groupBy($column)->orderByDesc('fettle_rows')->orderBy($column)->limit($n)
                ->pluck('fettle_rows', $column)->map(fn ($v) => (int) $v)->all();
        } catch (\Throwable) {
            return [];
        }
    }
}

/** Rows that belong to each user, over all tables with a column that names one. */
final class Owners
{
    private const NAMES = ['user_id', 'owner_id', 'author_id', 'creator_id', 'created_by', 'created_by_id', 'member_id', 'customer_id', 'account_id', 'assigned_to', 'owned_by'];

    public function __construct(private Model $user) {}

    public function count(): array
    {
        $own = Str::snake(class_basename($this->user)).'_id';
        $names = array_unique([$own, $this->user->getForeignKey(), ...($own === 'user_id' ? self::NAMES : [])]);
        $sum = [];
        $until = microtime(true) + 2.0;             // counting whom to sign in as may not eat the budget
        foreach (Tables::all() as $table => $columns) {
            foreach (array_intersect($names, $columns) as $column) {
                if (microtime(true) > $until || in_array($table, ['sessions', 'personal_access_tokens'], true)) {
                    continue;
                }
                foreach (Tables::top($table, $column, 20) as $id => $rows) {
                    $sum[$id] = ($sum[$id] ?? 0) + $rows;
                }
            }
        }
        arsort($sum);

        return array_slice($sum, 0, 20, true);
    }
}

/** Fills the parameters of a route from real rows. */
final class Parameters
{
    private const SECONDS = 5;

    private array $models = [];

    private float $until;

    public function __construct()
    {
        $this->until = microtime(true) + self::SECONDS;
        foreach (Plan::get('models', []) as $class) {
            $this->models[strtolower(class_basename($class))] ??= $class;
        }
    }

    /** [addresses to try in order, why there is none, whether type hints vouch for them] */
    public function paths($route): array
    {
        $uri = '/'.ltrim($route->uri(), '/');
        if (! preg_match_all('/\{(\w+)(?::(\w+))?(\?)?\}/', $uri, $m, PREG_SET_ORDER)) {
            return [[$uri], null, true];
        }
        if (microtime(true) > $this->until) {
            return [[], 'the time for finding parameters was up', false];
        }
        try {
            [$hints, $enums] = $this->hints($route);
        } catch (\Throwable $e) {
            return [[], 'its action cannot be read: '.strtok($e->getMessage(), "\n"), false];
        }
        $slots = [];
        $sure = true;
        foreach ($m as $i => $one) {
            $slot = ['text' => $one[0], 'name' => $one[1], 'field' => $one[2] ?? '', 'optional' => isset($one[3]), 'model' => null, 'value' => null];
            $key = $this->key($one[1]);
            $slot['model'] = $hints[$key] ?? null;
            if (! $slot['model']) {
                $slot['value'] = $enums[$key] ?? $this->literal($route, $one[1]);
                if ($slot['value'] === null) {
                    [$slot['model'], $slot['field']] = $this->guess($uri, $one[1], $slot['field']);
                    $sure = false;
                }
            }
            $slots[] = $slot;
        }
        $paths = [];
        foreach ([0, 1, 2] as $try) {
            $path = $this->fill($uri, $slots, $route, $try, $why);
            if ($path !== null) {
                $paths[$path] = true;
            }
        }

        return [array_map('strval', array_keys($paths)), $paths ? null : $why, $sure];
    }

    private function key(string $name): string
    {
        return strtolower(str_replace('_', '', $name));
    }

    /** Models and enum cases that the action's parameters are type-hinted with. */
    private function hints($route): array
    {
        $models = $enums = [];
        foreach ($route->signatureParameters() as $p) {
            $type = $p->getType();
            $class = $type instanceof \ReflectionNamedType && ! $type->isBuiltin() ? $type->getName() : null;
            if ($class && is_subclass_of($class, Model::class)) {
                $models[$this->key($p->getName())] = $class;
            } elseif ($class && is_subclass_of($class, \BackedEnum::class)) {
                $enums[$this->key($p->getName())] = (string) ($class::cases()[0]->value ?? '');
            }
        }

        return [$models, $enums];
    }

    /** What a constraint or a name alone tells: `en|de`, a year, a locale. */
    private function literal($route, string $name): ?string
    {
        $where = $route->wheres[$name] ?? '';
        if ($where !== '' && preg_match('/^\(?([\w-]+)(\|[\w-]+)+\)?$/', $where, $m)) {
            return $m[1];
        }

        return match (strtolower($name)) {
            'year', 'y' => date('Y'), 'month' => date('m'), 'day' => '1', 'date' => date('Y-m-d'),
            'locale', 'lang', 'language' => (string) config('app.locale'), 'page' => '1', default => null,
        };
    }

    /** No type hint: {bookSlug} is a Book by slug, /rooms/{id} a Room by id. */
    private function guess(string $uri, string $name, string $field): array
    {
        $base = preg_replace('/_?(slug|id|uuid|key|name)$/i', '', $name);
        if ($field === '' && preg_match('/(slug|uuid|name)$/i', $name, $m)) {
            $field = strtolower($m[1]);
        }
        if ($base === '' && preg_match('#([\w-]+)/\{'.preg_quote($name, '#').'\b#', $uri, $m)) {
            $base = Str::singular(str_replace(['-', '_'], '', $m[1]));
        }
        $key = $this->key(str_replace('-', '', $base));
        $class = $this->models[$key] ?? $this->models[strtolower(Str::singular($key))] ?? null;
        $class ??= class_exists($guess = 'App\\Models\\'.Str::studly(Str::singular($base))) ? $guess : null;

        return [$class && is_subclass_of($class, Model::class) ? $class : null, $field];
    }

    /** From the last parameter to the first, so that a nested row lies in its parent. */
    private function fill(string $uri, array $slots, $route, int $try, ?string &$why): ?string
    {
        $inner = null;
        for ($i = count($slots) - 1; $i >= 0; $i--) {
            $slot = $slots[$i];
            $value = $slot['value'];
            if ($slot['model']) {
                $row = $this->row($slot['model'], $inner, $try);
                $inner = $row ?? $inner;
                $field = $slot['field'] ?: ($route->bindingFieldFor($slot['name']) ?? $row?->getRouteKeyName());
                $value = $row ? ($row->getAttribute($field) ?? $row->getRouteKey()) : null;
            }
            if ($value === null && ! $slot['optional']) {
                $why = 'no value for {'.$slot['name'].'}';

                return null;
            }
            $uri = str_replace($slot['text'], rawurlencode((string) $value), $uri);
        }

        return rtrim($uri, '/') ?: '/';
    }

    /** The row with most behind it: the signed-in user's own first, then anybody's, then the first one. */
    private function row(string $class, ?Model $inner, int $try): ?Model
    {
        static $kept = [];
        $model = new $class;
        $foreign = Str::snake(class_basename($class)).'_id';
        if ($inner && isset($inner->getAttributes()[$foreign]) && ($row = rescue(fn () => $class::query()->find($inner->getAttribute($foreign)), null, false))) {
            return $row;
        }
        $kept[$class] ??= $this->heavy($model, $foreign);
        $choices = $kept[$class];

        return $choices[min($try, count($choices) - 1)] ?? null;
    }

    private function heavy(Model $model, string $foreign): array
    {
        $class = $model::class;
        $rows = [];
        $user = Auth::user();
        $mine = $user && in_array('user_id', Tables::all()[$model->getTable()] ?? [], true);
        $ids = $this->busiest($foreign);
        try {
            if ($user instanceof $class) {
                $rows[] = $user;
            }
            if ($mine) {
                $own = $class::query()->where('user_id', $user->getAuthIdentifier());
                $owned = (clone $own)->whereKey($ids)->get()->keyBy($model->getKeyName());
                $busiest = current(array_filter($ids, fn ($id) => $owned->has($id)));
                $rows[] = $busiest === false ? $own->first() : $owned->get($busiest);
            }
            foreach (array_slice($ids, 0, 3) as $id) {
                $rows[] = $class::query()->find($id);
            }
            $rows[] = $class::query()->first();
        } catch (\Throwable) {
            return array_values(array_filter($rows));
        }
        $unique = [];
        foreach (array_filter($rows) as $row) {
            $unique[$row->getKey()] ??= $row;
        }

        return array_values($unique);
    }

    private function busiest(string $foreign): array
    {
        $best = [];
        $most = 0;
        foreach (Tables::all() as $table => $columns) {
            if (! in_array($foreign, $columns, true)) {
                continue;
            }
            $top = Tables::top($table, $foreign, 50);
            if ($top && max($top) > $most) {
                $most = max($top);
                $best = array_keys($top);
            }
        }

        return $best;
    }
}
