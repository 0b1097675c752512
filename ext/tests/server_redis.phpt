--TEST--
phpredis against a real server: commands, bytes, pipelines; the client's own methods are no spans
--SKIPIF--
<?php
if (!extension_loaded('redis') || !shell_exec('command -v redis-server')) die('skip no redis');
--FILE--
<?php
require __DIR__ . '/helper.inc';
require __DIR__ . '/servers.inc';
$s = fettle_redis();
fettle_same(<<<PHP
<?php
\$r = new Redis;
\$r->connect('$s');
\$r->setOption(Redis::OPT_PREFIX, 'p:');
\$r->set('key', str_repeat('x', 100));
echo strlen(\$r->get('key')), \$r->getHost() ? 1 : 0;
\$r->hMSet('h', ['a' => '12', 'b' => '345']);
\$r->hGetAll('h');
echo json_encode(\$r->mget(['key', 'none']) !== false);
\$p = \$r->pipeline();
\$p->set('a', 1);
\$p->get('a');
echo json_encode(\$p->exec());
try { \$r->rawCommand('nonsense'); echo \$r->getLastError(), "\n"; } catch (RedisException \$e) { echo \$e->getMessage(); }
class MyRedis extends Redis { function get(\$k) { return parent::get(\$k); } }
\$m = new MyRedis;
\$m->connect('$s');
echo \$m->get('p:a');
PHP, ['fettle.dsn_allow' => $s]);
--EXPECT--
same
open cli [test.php]
1<0 redis [CONNECT] at test.php:3
2<0 redis [SET] at test.php:5
3<0 redis [GET] a=100 at test.php:6
4<0 redis [HMSET] at test.php:7
5<0 redis [HGETALL] a=5 at test.php:8
6<0 redis [MGET] a=100 at test.php:9
7<0 redis [PIPELINE] at test.php:10
8<0 redis [SET] at test.php:11
9<0 redis [GET] at test.php:12
10<0 redis [EXEC] a=1 at test.php:13
11<0 redis [RAWCOMMAND] at test.php:14
12<0 redis [CONNECT] at test.php:18
13<0 redis [GET] a=1 at test.php:16 in MyRedis::get
close status=0 route=[-] action=[-] user=[-] spans=13 dropped=0 hydrated=0 lazy=0 events=0 refused=0
