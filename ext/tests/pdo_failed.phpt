--TEST--
PDO: failures are marked and thrown as ever
--FILE--
<?php
require __DIR__ . '/helper.inc';
fettle_same(<<<'PHP'
<?php
$p = new PDO('sqlite::memory:');
try {
    $p->query('select nope');
} catch (PDOException $e) {
    echo get_class($e), $e->getLine(), $e->getMessage(), "\n", $e->getTraceAsString(), "\n";
}
$p->setAttribute(PDO::ATTR_ERRMODE, PDO::ERRMODE_SILENT);
var_dump($p->query('select nope'), $p->exec('nope'), $p->prepare('nope'));
try {
    new PDO('nodriver:x');
} catch (PDOException $e) {
    echo $e->getMessage(), "\n";
}
try {
    new PDO('mysql:host=127.0.0.1;port=1;dbname=x;password=secret', 'me', 'secret');
} catch (PDOException $e) {
    echo $e->getCode(), "\n";
}
try {
    $p->query();
} catch (ArgumentCountError $e) {
    echo $e->getMessage(), "\n";
}
try {
    $p->query([]);
} catch (TypeError $e) {
    echo $e->getMessage(), "\n";
}
class MyPdo extends PDO
{
    function query(string $q, ?int $m = null, mixed ...$r): PDOStatement|false
    {
        return parent::query($q);
    }
}
class MyStatement extends PDOStatement
{
}
$q = new MyPdo('sqlite::memory:', null, null, [PDO::ATTR_STATEMENT_CLASS => ['MyStatement']]);
echo get_class($q->query('select 5')), "\n";
$f = $q->exec(...);
echo $f('create table x(a)'), "\n";
echo call_user_func([$q, 'exec'], 'create table y(a)'), (new ReflectionMethod('PDO', 'exec'))->invoke($q, 'drop table y'), "\n";
PHP);
--EXPECT--
same
open cli [test.php]
1<0 connect [sqlite::memory:] at test.php:2
2<0 sql [select nope] at test.php:4 +failed
3<0 sql [select nope] at test.php:9 +failed
4<0 sql [nope] at test.php:9 +failed+write
5<0 prepare [nope] at test.php:9 +failed+write
6<0 connect [nodriver:x] at test.php:11 +failed
7<0 connect [mysql:host=127.0.0.1;port=1;dbname=x;] at test.php:16 +failed
8<0 connect [sqlite::memory:] at test.php:40
9<0 sql [select ?] at test.php:34 in MyPdo::query
10<0 sql [create table x(a)] at test.php:43 +write
11<0 sql [create table y(a)] at test.php:44 +write
12<0 sql [drop table y] at test.php:44 +write
close status=0 route=[-] action=[-] user=[-] spans=12 dropped=0 hydrated=0 lazy=0 events=0 refused=0
