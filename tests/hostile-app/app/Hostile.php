<?php

namespace App;

use App\Jobs\Ping;
use App\Models\Post;
use Illuminate\Support\Facades\DB;
use Illuminate\Support\Facades\Http;
use Illuminate\Support\Facades\Log;
use Illuminate\Support\Facades\Mail;
use Illuminate\Support\Facades\Storage;
use mysqli;
use PDO;
use SQLite3;
use Throwable;

/** What a private instance must stop. Each attempt answers how far it came: WROTE, REACHED, DID, or what it was told. */
class Hostile
{
    public function __invoke(string $what): string
    {
        $try = $this->attempts()[$what] ?? abort(404);
        try {
            return (string) $try();
        } catch (Throwable $e) {
            return class_basename($e).': '.strtok($e->getMessage(), "\n");
        }
    }

    private function sh(string $command): string
    {
        return trim((string) shell_exec("($command) 2>&1 && echo DID"));
    }

    private function attempts(): array
    {
        $legacy = base_path('../legacy.sqlite');
        $main = database_path('database.sqlite');
        return [
            // the network
            'http' => fn () => Http::timeout(3)->get('https://api.example.com/v1')->status(),
            'ai' => fn () => Http::timeout(3)->post('https://api.openai.com/v1/chat/completions', ['model' => 'm', 'messages' => [['role' => 'user', 'content' => 'hi']]])->json('choices.0.message.role'),
            'embed' => fn () => count(Http::timeout(3)->post('https://api.openai.com/v1/embeddings', ['input' => ['a', 'b']])->json('data.1.embedding')),
            'curl' => function () {
                $c = curl_init('http://203.0.113.9/x');
                curl_setopt_array($c, [CURLOPT_RETURNTRANSFER => 1, CURLOPT_TIMEOUT => 3]);

                return curl_exec($c) === false ? curl_error($c) : 'answered '.curl_getinfo($c, CURLINFO_PRIMARY_IP);
            },
            'dns' => fn () => gethostbyname('leak.example.com'),
            'udp' => fn () => ($s = stream_socket_client('udp://8.8.8.8:53', $n, $w, 1)) && fwrite($s, 'x') ? 'sent into '.basename((string) readlink('/proc/self/ns/net')) : $w,
            's3' => fn () => Storage::disk('s3')->put('x', 'y') ? 'PUT' : 'no',
            'tcp' => fn () => ($s = @stream_socket_client('tcp://127.0.0.1:'.request('port'), $n, $w, 1)) ? 'REACHED' : $w,
            'unix' => fn () => ($s = @stream_socket_client('unix://'.request('path'), $n, $w, 1)) ? 'REACHED' : $w,
            'abstract' => fn () => ($s = @stream_socket_client("unix://\0".request('path'), $n, $w, 1)) ? 'REACHED' : $w,
            'mysql-tcp' => fn () => DB::connection('tcp')->select('select 1') ? 'REACHED' : '',
            'mysql-socket' => fn () => DB::connection('socket')->select('select 1') ? 'REACHED' : '',
            'mysqli' => fn () => (new mysqli)->real_connect('localhost', 'root', '', 'shop', 0, request('path')) ? 'REACHED' : 'refused',
            'run' => fn () => implode(' ', array_diff(scandir('/run'), ['.', '..'])),
            // databases
            'write' => fn () => Post::create(['title' => 'new', 'user_id' => 1])->id ? 'WROTE' : '',
            'legacy' => fn () => DB::connection('legacy')->insert('insert into t values (1)') ? 'WROTE' : '',
            'build' => fn () => DB::connectUsing('t9', ['driver' => 'sqlite', 'database' => $legacy, 'prefix' => ''])->insert('insert into t values (2)') ? 'WROTE' : '',
            'attach' => fn () => DB::statement("attach database '$legacy' as x") && DB::insert('insert into x.t values (3)') ? 'WROTE' : '',
            'pdo' => fn () => (new PDO("sqlite:$legacy", null, null, [PDO::ATTR_ERRMODE => 2]))->exec('insert into t values (4)') ? 'WROTE' : '',
            'pdo-main' => fn () => (new PDO("sqlite:$main", null, null, [PDO::ATTR_ERRMODE => 2]))->exec("insert into posts(title, user_id) values ('hole', 1)") ? 'WROTE' : '',
            'sqlite3' => fn () => (new SQLite3($main))->exec("insert into posts(title, user_id) values ('hole', 1)") ? 'WROTE' : '',
            'drop' => fn () => unlink($main) ? 'WROTE' : '',
            'posts' => fn () => Post::count(),
            'legacy-rows' => fn () => DB::connection('legacy')->table('t')->count(),
            // files
            'file' => fn () => file_put_contents(base_path('written.txt'), 'x') ? 'WROTE' : '',
            'overwrite' => fn () => file_put_contents(base_path('routes/console.php'), 'x') ? 'WROTE' : '',
            'unlink' => fn () => unlink(base_path('.env')) ? 'WROTE' : '',
            'public' => fn () => Storage::disk('public')->put('p.txt', 'x') ? 'WROTE' : '',
            'outside' => fn () => Storage::disk('outside')->put('o.txt', 'x') ? 'WROTE' : '',
            'exec' => fn () => $this->sh('echo x > '.escapeshellarg(base_path('exec.txt'))),
            'tmp' => fn () => $this->sh('echo x > /tmp/fettle-hostile-'.request('mark')),
            'home' => fn () => $this->sh('echo x > ~root/fettle-hostile-'.request('mark').' || echo x > /home/fettle-hostile'),
            'etc' => fn () => $this->sh('echo x >> /etc/hosts'),
            'temp' => fn () => file_put_contents(tempnam(sys_get_temp_dir(), 'h'), 'x') ? 'temporary files work' : '',
            // the walls themselves
            'remount' => fn () => $this->sh('mount -o remount,rw / && touch /fettle-hostile'),
            'umount' => fn () => $this->sh('umount -l '.escapeshellarg(base_path()).' || umount -l '.escapeshellarg(dirname(base_path()))),
            'userns' => fn () => $this->sh("unshare -Urm sh -c 'mount -o remount,rw,bind / && echo x > /fettle-hostile'"),
            'nsenter' => fn () => $this->sh('nsenter -t 1 -m -n true || nsenter -t '.(int) request('pid').' -m -n true'),
            'root' => fn () => $this->sh('ls /proc/1/root/'),
            'sysctl' => fn () => $this->sh('cat /proc/sys/kernel/core_pattern > /proc/sys/kernel/core_pattern'),
            'disk' => fn () => implode(' ', array_diff(scandir('/dev'), ['.', '..'])),
            'mknod' => fn () => $this->sh('mknod '.escapeshellarg(storage_path('disk')).' b 8 0'),
            'kill' => fn () => posix_kill((int) request('pid'), 0) ? 'REACHED' : posix_strerror(posix_get_last_error()),
            'privileges' => fn () => $this->sh("grep -q 'NoNewPrivs:.1' /proc/self/status") === 'DID' ? 'none can be gained' : 'may be gained',
            'ps' => fn () => count(glob('/proc/[0-9]*')),
            'hostname' => fn () => $this->sh('hostname fettle-hostile'),
            'daemon' => fn () => $this->sh('setsid sleep 7777 >/dev/null 2>&1 &'),
            // what the app says to others
            'log' => fn () => Log::critical('boom') ?? 'logged',
            'mail' => fn () => Mail::raw('hi', fn ($m) => $m->to('real@example.com')->subject('x')) ? 'sent' : '',
            'queue' => fn () => Ping::dispatch() ? 'queued' : '',
            // what the instance is
            'config' => fn () => json_encode([config('app.debug'), config('app.key') === env('APP_KEY', config('app.key')), app()->environment(), app()->getCachedConfigPath(), config('mail.mailers.smtp.transport'), config('logging.channels.slack.driver')]),
            // bad manners
            'exit' => fn () => exit('bye'),
            'crash' => fn () => posix_kill(getmypid(), 11),
            'memory' => fn () => str_repeat('x', 1 << 40),
            'loop' => function () {
                while (true) {
                }
            },
            'huge' => function () {
                for ($i = 0; $i < 48; $i++) {
                    echo str_repeat('y', 1 << 20);
                }

                return '';
            },
        ];
    }
}
