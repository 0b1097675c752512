--TEST--
Cache: hit, miss, unknown, many, bytes, normalised keys
--FILE--
<?php
require __DIR__ . '/helper.inc';
@mkdir(fettle_folder() . '/vendor');
copy(__DIR__ . '/data/illuminate.inc', fettle_folder() . '/vendor/illuminate.php');
fettle_same(<<<'PHP'
<?php
require __DIR__ . '/vendor/illuminate.php';
$c = new Illuminate\Cache\Repository;
$c->put('user:17:posts', [1, 2, 3], 60);
$c->put('plain', 'text');
$c->get('user:17:posts');
$c->get('user:18:posts');
$c->get('user:18:posts', 'none');
$c->get('plain', 'none');
$c->get('plain', fn () => 1);
$c->get(['a1', 'plain', 'deadbeefcafe0123:x']);
$c->many(['b', 'plain']);
$c->forget('session:5f2e9a77c0');
echo json_encode($c->get('plain')), json_encode($c->get('nope', 7));
PHP);
--EXPECT--
same
open cli [test.php]
1<0 cache [user:*:posts] a=3 b=30 at test.php:4
2<0 cache [plain] a=3 b=11 at test.php:5
3<0 cache [user:*:posts] a=1 b=30 at test.php:6
4<0 cache [user:*:posts] a=2 at test.php:7
5<0 cache [user:*:posts] a=2 b=4 at test.php:8
6<0 cache [plain] a=1 b=11 at test.php:9
7<0 cache [plain] b=11 at test.php:10
9<8 cache [a*] a=2 at test.php:11
10<8 cache [plain] a=1 b=11 at test.php:11
11<8 cache [*:x] a=2 at test.php:11
8<0 cache [a*] a=5 at test.php:11
12<0 cache [b] a=5 b=11 at test.php:12
13<0 cache [session:*] a=4 at test.php:13
14<0 cache [plain] a=1 b=11 at test.php:14
15<0 cache [nope] a=2 at test.php:14
close status=0 route=[-] action=[-] user=[-] spans=15 dropped=0 hydrated=0 lazy=0 events=0 refused=0
