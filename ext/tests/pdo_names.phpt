--TEST--
SQL names hold no literals, unless values may be sent
--FILE--
<?php
require __DIR__ . '/helper.inc';
$code = <<<'PHP'
<?php
$p = new PDO('sqlite::memory:');
$p->exec('create table t1(a2, "b 3" text)');
$p->exec("insert into t1 values(12, 'it''s -- secret'), (-1.5e3, x'00ff')");
$p->exec("select /* 4711 */ a2 from t1 where \"b 3\" = 'back\\' and a2 in (1,2,3) -- tail 'x'");
$p->query('select $1, a2 as c5 from t1 where a2 = 0x10 limit 3');
$s = $p->prepare('select * from t1 where a2 = ? and "b 3" like ? and 1 = :n');
$s = $p->prepare('select ?, ?, ?, ?, ?');
$s->bindValue(1, 5, PDO::PARAM_INT);
$s->bindValue(2, "a\"b\\c\n");
$s->bindValue(3, null);
$s->bindValue(4, "\xff\xfe");
$s->bindValue(5, str_repeat('x', 2000));
$s->execute();
$s->execute();
PHP;
fettle_run($code);
echo "-- with values\n";
fettle_run($code, ['fettle.values' => 1]);
--EXPECT--
open cli [test.php]
1<0 connect [sqlite::memory:] at test.php:2
2<0 sql [create table t1(a2, "b 3" text)] at test.php:3 +write
3<0 sql [insert into t1 values(?, ?), (-?, x?)] a=2 at test.php:4 +write
4<0 sql [select  a2 from t1 where "b 3" = ? and a2 in (?,?,?) ] at test.php:5
5<0 sql [select $1, a2 as c5 from t1 where a2 = ? limit ?] at test.php:6
6<0 prepare [select * from t1 where a2 = ? and "b 3" like ? and ? = :n] at test.php:7
7<0 prepare [select ?, ?, ?, ?, ?] at test.php:8
8<0 sql [select ?, ?, ?, ?, ?] b=* at test.php:14
9<0 sql [select ?, ?, ?, ?, ?] b=* at test.php:15
close status=0 route=[-] action=[-] user=[-] spans=9 dropped=0 hydrated=0 lazy=0 events=0 refused=0
-- with values
open cli [test.php]
1<0 connect [sqlite::memory:] at test.php:2
2<0 sql [create table t1(a2, "b 3" text)] at test.php:3 +write
3<0 sql [insert into t1 values(12, 'it''s -- secret'), (-1.5e3, x'00ff')] a=2 at test.php:4 +write
4<0 sql [select /* 4711 */ a2 from t1 where "b 3" = 'back\' and a2 in (1,2,3) -- tail 'x'] at test.php:5
5<0 sql [select $1, a2 as c5 from t1 where a2 = 0x10 limit 3] at test.php:6
6<0 prepare [select * from t1 where a2 = ? and "b 3" like ? and 1 = :n] at test.php:7
7<0 prepare [select ?, ?, ?, ?, ?] at test.php:8
8<0 sql [select ?, ?, ?, ?, ?] b=* at test.php:14
value [5,"a\"b\\c\u000a",null,{"bytes":2},{"bytes":2000}]
9<0 sql [select ?, ?, ?, ?, ?] b=* at test.php:15
value [5,"a\"b\\c\u000a",null,{"bytes":2},{"bytes":2000}]
close status=0 route=[-] action=[-] user=[-] spans=9 dropped=0 hydrated=0 lazy=0 events=0 refused=0
