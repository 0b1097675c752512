--TEST--
A callback of SQLite queries: spans nest, the outer one ends last
--FILE--
<?php
require __DIR__ . '/helper.inc';
fettle_same(<<<'PHP'
<?php
$p = new PDO('sqlite::memory:');
$p->exec('create table t(a)');
$p->exec('insert into t values(1)');
$p->sqliteCreateFunction('f', function ($x) use ($p) {
    $p->query('select 41');
    usleep(20);
    return $x;
});
$p->exec('update t set a = f(a)');
$p->sqliteCreateFunction('g', function ($x) { throw new Exception('in'); });
try {
    $p->query('select g(1)');
} catch (Exception $e) {
    echo $e->getMessage();
}
$p->query('select 2');
PHP);
--EXPECT--
same
open cli [test.php]
1<0 connect [sqlite::memory:] at test.php:2
2<0 sql [create table t(a)] at test.php:3 +write
3<0 sql [insert into t values(?)] a=1 at test.php:4 +write
5<4 sql [select ?] at test.php:6 in {closure}
6<4 sleep [usleep] at test.php:7 in {closure}
4<0 sql [update t set a = f(a)] a=1 at test.php:10 +write
7<0 sql [select g(?)] at test.php:13 +failed
8<0 sql [select ?] at test.php:17
close status=0 route=[-] action=[-] user=[-] spans=8 dropped=0 hydrated=0 lazy=0 events=0 refused=0
