<?php

namespace Tests\Support;

use Illuminate\Support\Facades\File;
use PDO;
use RuntimeException;
use Symfony\Component\Process\Process;

/**
 * This application served by PHP's own web server, with a database file, cache, session and log
 * folder of its own, for what needs a real server: browsers, Prometheus, many users at once.
 */
final class AppServer
{
    public readonly string $url;

    private Process $process;

    private function __construct(public readonly string $folder, private array $env, int $workers, array $phpOptions)
    {
        $port = self::freePort();
        $this->url = "http://127.0.0.1:{$port}";
        $router = base_path('vendor/laravel/framework/src/Illuminate/Foundation/resources/server.php');
        $this->process = new Process(
            // A session of its own: the web server's workers outlive their parent unless the whole group is told to end.
            ['setsid', PHP_BINARY, ...$phpOptions, '-S', "127.0.0.1:{$port}", '-t', public_path(), $router],
            public_path(),
            [...$this->env, 'APP_URL' => $this->url, 'PHP_CLI_SERVER_WORKERS' => (string) $workers],
            null,
            null,
        );
        $this->process->disableOutput();
        $this->process->setTimeout(null);
        $this->process->start();
        $this->waitFor($port);
    }

    /** @param  array<string, string>  $env */
    public static function start(array $env = [], int $workers = 4, array $phpOptions = [], bool $seed = false): self
    {
        $folder = sys_get_temp_dir().'/research-chat-'.bin2hex(random_bytes(6));
        File::ensureDirectoryExists("{$folder}/cache");
        File::ensureDirectoryExists("{$folder}/sessions");
        touch("{$folder}/database.sqlite");

        $env = [...self::environment($folder), ...$env];
        $server = new self($folder, $env, $workers, $phpOptions);
        $server->artisan('migrate', '--force');
        if ($seed) {
            $server->artisan('db:seed', '--force');
        }

        return $server;
    }

    public function artisan(string ...$arguments): string
    {
        $process = new Process([PHP_BINARY, base_path('artisan'), ...$arguments], base_path(), $this->env, null, 120);
        $process->mustRun();

        return $process->getOutput();
    }

    public function pdo(): PDO
    {
        return new PDO("sqlite:{$this->folder}/database.sqlite", options: [PDO::ATTR_ERRMODE => PDO::ERRMODE_EXCEPTION]);
    }

    public function environmentOf(): array
    {
        return $this->env;
    }

    public function stop(): void
    {
        posix_kill(-(int) $this->process->getPid(), SIGKILL);
        $this->process->stop(1);
        File::deleteDirectory($this->folder);
    }

    public static function freePort(): int
    {
        $socket = stream_socket_server('tcp://127.0.0.1:0');
        $port = (int) substr(strrchr(stream_socket_get_name($socket, false), ':'), 1);
        fclose($socket);

        return $port;
    }

    private static function environment(string $folder): array
    {
        return [
            'APP_ENV' => 'testing', 'APP_KEY' => config('app.key'), 'APP_DEBUG' => 'false', 'BCRYPT_ROUNDS' => '4',
            'DB_CONNECTION' => 'sqlite', 'DB_DATABASE' => "{$folder}/database.sqlite", 'DB_URL' => '',
            'CACHE_STORE' => 'database', 'SESSION_DRIVER' => 'database', 'QUEUE_CONNECTION' => 'database',
            'METRICS_STORE' => 'file', 'METRICS_PATH' => "{$folder}/metrics", 'LOG_CHANNEL' => 'null',
            'AI_PRIMARY_URL' => 'http://127.0.0.1:9', 'AI_FALLBACK_URL' => 'http://127.0.0.1:9', 'MEILISEARCH_HOST' => 'http://127.0.0.1:9',
            'SEED_SIZE' => 'small', 'VIEW_COMPILED_PATH' => "{$folder}/cache",
        ];
    }

    private function waitFor(int $port): void
    {
        for ($i = 0; $i < 100; $i++) {
            if ($connection = @fsockopen('127.0.0.1', $port, timeout: 0.2)) {
                fclose($connection);

                return;
            }
            usleep(50_000);
        }

        throw new RuntimeException('The web server did not come up.');
    }
}
