--TEST--
pgsql and PDO against PostgreSQL: rows, named statements, transactions by statement
--SKIPIF--
<?php
if (!extension_loaded('pgsql') || !extension_loaded('pdo_pgsql') || !glob('/usr/lib/postgresql/*/bin/postgres')) die('skip no PostgreSQL');
--FILE--
<?php
require __DIR__ . '/helper.inc';
require __DIR__ . '/servers.inc';
$d = fettle_postgres();
fettle_same(<<<PHP
<?php
\$c = pg_connect('host=$d user=u dbname=postgres');
pg_query(\$c, 'drop table if exists t');
pg_query(\$c, 'create table t(a int, b text)');
pg_query('begin');
pg_query_params(\$c, 'insert into t values (\$1, \$2), (2, \'x\')', [1, 'one']);
pg_query(\$c, 'commit');
echo pg_num_rows(pg_query(\$c, 'select * from t where b <> E\'it\\\\\\'s\' and a < 100'));
pg_prepare(\$c, 'mine', 'select * from t where a = \$1');
echo pg_num_rows(pg_execute(\$c, 'mine', [2]));
pg_prepare(\$c, 'other', 'update t set b = \$1');
echo pg_affected_rows(pg_execute(\$c, 'other', ['z']));
echo json_encode(@pg_query(\$c, 'select nope'));
\$p = new PDO('pgsql:host=$d;dbname=postgres', 'u');
\$q = \$p->prepare('select * from t where a > ?');
\$q->execute([0]);
echo count(\$q->fetchAll()), \$p->query('update t set a = a returning a')->rowCount(), \$p->exec('delete from t');
PHP);
--EXPECT--
same
open cli [test.php]
1<0 connect [pgsql:host=pg] at test.php:2
2<0 sql [drop table if exists t] at test.php:3 +write
3<0 sql [create table t(a int, b text)] at test.php:4 +write
4<0 sql [begin] at test.php:5
6<0 sql [insert into t values ($1, $2), (?, ?)] a=2 at test.php:6 +tx+write
7<0 sql [commit] at test.php:7 +tx
5<0 tx [pgsql] a=1 at test.php:5
8<0 sql [select * from t where b <> E? and a < ?] a=2 at test.php:8
9<0 prepare [select * from t where a = $1] at test.php:9
10<0 sql [select * from t where a = $1] a=1 at test.php:10
11<0 prepare [update t set b = $1] at test.php:11 +write
12<0 sql [update t set b = $1] a=2 at test.php:12 +write
13<0 sql [select nope] at test.php:13 +failed
14<0 connect [pgsql:host=pg;dbname=postgres] at test.php:14
15<0 prepare [select * from t where a > ?] at test.php:15
16<0 sql [select * from t where a > ?] a=2 b=* at test.php:16
17<0 sql [update t set a = a returning a] a=2 at test.php:17 +write
18<0 sql [delete from t] a=2 at test.php:17 +write
close status=0 route=[-] action=[-] user=[-] spans=18 dropped=0 hydrated=0 lazy=0 events=0 refused=0
