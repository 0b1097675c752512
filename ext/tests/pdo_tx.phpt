--TEST--
PDO: transactions, begun by method or statement, ended or not
--FILE--
<?php
require __DIR__ . '/helper.inc';
fettle_run(<<<'PHP'
<?php
$p = new PDO('sqlite::memory:');
$p->exec('create table t(a)');
$p->beginTransaction();
$p->exec('insert into t values(1)');
$p->commit();
function undo($p)
{
    $p->rollBack();
}
$p->beginTransaction();
$p->exec('insert into t values(2)');
undo($p);
$p->exec('BEGIN IMMEDIATE');
$p->exec('insert into t values(3)');
$p->exec('savepoint one');
$p->exec('rollback to one');
$p->exec('COMMIT');
try {
    $p->commit();
} catch (PDOException $e) {
}
$q = new PDO('sqlite::memory:');
$q->beginTransaction();
$p->beginTransaction();
$q->query('select 1');
$q->commit();
$p->query('select 2');
PHP);
--EXPECT--
open cli [test.php]
1<0 connect [sqlite::memory:] at test.php:2
2<0 sql [create table t(a)] at test.php:3 +write
4<0 sql [insert into t values(?)] a=1 at test.php:5 +tx+write
3<0 tx [sqlite] a=1 at test.php:4
6<0 sql [insert into t values(?)] a=1 at test.php:12 +tx+write
5<0 tx [sqlite] a=2 at test.php:11
7<0 sql [BEGIN IMMEDIATE] at test.php:14
9<0 sql [insert into t values(?)] a=1 at test.php:15 +tx+write
10<0 sql [savepoint one] at test.php:16 +tx
11<0 sql [rollback to one] at test.php:17 +tx
12<0 sql [COMMIT] at test.php:18 +tx
8<0 tx [sqlite] a=1 at test.php:14
13<0 connect [sqlite::memory:] at test.php:23
16<0 sql [select ?] at test.php:26 +tx
14<0 tx [sqlite] a=1 at test.php:24
17<0 sql [select ?] at test.php:28 +tx
15<0 tx [sqlite] a=2 at test.php:25 +failed
close status=0 route=[-] action=[-] user=[-] spans=17 dropped=0 hydrated=0 lazy=0 events=0 refused=0
