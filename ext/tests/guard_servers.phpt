--TEST--
The connection guard: mysqli, pgsql, Redis
--SKIPIF--
<?php
foreach (['mysqli', 'pgsql', 'redis'] as $e) if (!extension_loaded($e)) die("skip no $e");
--FILE--
<?php
require __DIR__ . '/helper.inc';
fettle_run(<<<'PHP'
<?php
function try_it($what, $f) { try { var_dump($f()); echo $what, " passed\n"; } catch (Throwable $e) { echo $what, ' ', get_class($e), ' ', $e->getMessage(), "\n"; } }
try_it('mysqli', fn () => new mysqli('db.example.com', 'u', 'p'));
try_it('mysqli_connect', fn () => mysqli_connect('p:db.example.com'));
try_it('real_connect', fn () => mysqli_init()->real_connect('db.example.com'));
try_it('mysqli_real_connect', fn () => mysqli_real_connect(mysqli_init(), '127.0.0.1', 'u', 'p', 'd', 0, '/run/other.sock'));
try_it('mysqli nothing yet', fn () => get_class(new mysqli));
try_it('pg_connect', fn () => pg_connect('host=10.0.0.1 dbname=x password=secret'));
try_it('pg_connect url', fn () => pg_connect('postgresql://u:secret@db.example.com:5432/x'));
try_it('Redis', fn () => (new Redis)->connect('redis.example.com', 6379));
try_it('Redis tls', fn () => (new Redis)->pconnect('tls://10.1.1.1', 6379));
try_it('Redis socket', fn () => (new Redis)->connect('/run/redis.sock'));
try_it('Redis allowed', fn () => @(new Redis)->connect('127.0.0.1', 1));
try_it('RedisCluster', fn () => new RedisCluster(null, ['127.0.0.1:1', '10.0.0.1:7000']));
PHP, ['fettle.dsn_allow' => '127.0.0.1']);
echo "-- Predis\n";
@mkdir(fettle_folder() . '/vendor');
fettle_run(<<<'PHP'
<?php
namespace Predis\Connection;
class StreamConnection
{
    function open($to)
    {
        $s = @stream_socket_client($to, $code, $message, 1);
        var_dump($s, $code, $message);
    }
}
$c = new StreamConnection;
$c->open('tcp://redis.example.com:6379');
$c->open('unix:///run/redis.sock');
$c->open('tcp://127.0.0.1:1');
PHP, ['fettle.dsn_allow' => '127.0.0.1']);
--EXPECT--
out: mysqli mysqli_sql_exception fettle: connection refused, db.example.com is not named in fettle.dsn_allow
mysqli_connect mysqli_sql_exception fettle: connection refused, db.example.com is not named in fettle.dsn_allow
real_connect mysqli_sql_exception fettle: connection refused, db.example.com is not named in fettle.dsn_allow
mysqli_real_connect mysqli_sql_exception fettle: connection refused, /run/other.sock is not named in fettle.dsn_allow
string(6) "mysqli"
mysqli nothing yet passed

Warning: pg_connect(): Unable to connect to PostgreSQL server: fettle: 10.0.0.1 is not named in fettle.dsn_allow in %DIR%/test.php on line 8
bool(false)
pg_connect passed

Warning: pg_connect(): Unable to connect to PostgreSQL server: fettle: db.example.com is not named in fettle.dsn_allow in %DIR%/test.php on line 9
bool(false)
pg_connect url passed
Redis RedisException fettle: connection refused, redis.example.com is not named in fettle.dsn_allow
Redis tls RedisException fettle: connection refused, tls://10.1.1.1 is not named in fettle.dsn_allow
Redis socket RedisException fettle: connection refused, /run/redis.sock is not named in fettle.dsn_allow
Redis allowed RedisException Connection refused
RedisCluster RedisClusterException fettle: connection refused, 10.0.0.1:7000 is not named in fettle.dsn_allow
open cli [test.php]
1<0 connect [mysql:host=db.example.com] at test.php:3 in {closure} from try_it +failed+refused
2<0 connect [mysql:host=db.example.com] at test.php:4 in {closure} from try_it +failed+refused
3<0 connect [mysql:host=db.example.com] at test.php:5 in {closure} from try_it +failed+refused
4<0 connect [mysql:host=/run/other.sock] at test.php:6 in {closure} from try_it +failed+refused
5<0 connect [pgsql:host=10.0.0.1] at test.php:8 in {closure} from try_it +failed+refused
6<0 connect [pgsql:host=db.example.com] at test.php:9 in {closure} from try_it +failed+refused
7<0 redis [CONNECT] at test.php:13 in {closure} from try_it +failed
close status=0 route=[-] action=[-] user=[-] spans=7 dropped=0 hydrated=0 lazy=0 events=0 refused=10
-- Predis
out: bool(false)
int(111)
string(37) "fettle: not named in fettle.dsn_allow"
bool(false)
int(111)
string(37) "fettle: not named in fettle.dsn_allow"
bool(false)
int(111)
string(18) "Connection refused"
open cli [test.php]
close status=0 route=[-] action=[-] user=[-] spans=0 dropped=0 hydrated=0 lazy=0 events=0 refused=2
