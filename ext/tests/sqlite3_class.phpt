--TEST--
The SQLite3 class: statements, prepared ones, rows as they are fetched
--SKIPIF--
<?php
if (!extension_loaded('sqlite3')) die('skip no sqlite3');
--FILE--
<?php
require __DIR__ . '/helper.inc';
fettle_same(<<<'PHP'
<?php
$s = new SQLite3(':memory:');
$s->exec('create table t(a, b)');
$s->exec('begin');
for ($i = 0; $i < 3; $i++)
    $s->exec("insert into t values($i, 'v$i')");
$s->exec('commit');
$r = $s->query('select * from t');
while ($row = $r->fetchArray()) echo $row['a'];
echo $s->querySingle('select max(a) from t');
$q = $s->prepare('select * from t where a > :a');
$q->bindValue(':a', 0);
$r = $q->execute();
while ($row = $r->fetchArray(SQLITE3_ASSOC)) echo $row['b'];
echo json_encode(@$s->query('select nope'));
PHP);
--EXPECT--
same
open cli [test.php]
1<0 connect [sqlite::memory:] at test.php:2
2<0 sql [create table t(a, b)] at test.php:3 +write
3<0 sql [begin] at test.php:4
5<0 sql [insert into t values(?, ?)] at test.php:6 +tx+write
6<0 sql [insert into t values(?, ?)] at test.php:6 +tx+write
7<0 sql [insert into t values(?, ?)] at test.php:6 +tx+write
8<0 sql [commit] at test.php:7 +tx
4<0 tx [sqlite] a=1 at test.php:4
9<0 sql [select * from t] a=3 at test.php:8
10<0 sql [select max(a) from t] a=1 at test.php:10
11<0 prepare [select * from t where a > :a] at test.php:11
12<0 sql [select * from t where a > :a] a=2 at test.php:13
13<0 sql [select nope] at test.php:15 +failed
close status=0 route=[-] action=[-] user=[-] spans=13 dropped=0 hydrated=0 lazy=0 events=0 refused=0
