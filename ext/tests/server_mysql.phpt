--TEST--
mysqli and PDO against MariaDB: rows, prepared statements, transactions
--SKIPIF--
<?php
if (!extension_loaded('mysqli') || !extension_loaded('pdo_mysql') || !shell_exec('command -v mariadbd')) die('skip no MariaDB');
--FILE--
<?php
require __DIR__ . '/helper.inc';
require __DIR__ . '/servers.inc';
$s = fettle_mariadb();
fettle_same(<<<PHP
<?php
\$m = new mysqli('localhost', 'root', '', '', 0, '$s');
\$m->query('drop database if exists d');
\$m->query('create database d');
\$m->select_db('d');
\$m->query('create table t(a int, b varchar(20))');
\$m->begin_transaction();
\$m->query('insert into t values (1, "x"), (2, "y\\\\"z"), (3, "its")');
\$m->commit();
echo \$m->query('select * from t where b <> "secret"')->num_rows;
foreach (\$m->query('select * from t', MYSQLI_USE_RESULT) as \$row);
\$q = \$m->prepare('select * from t where a > ?');
\$one = 1;
\$q->bind_param('i', \$one);
\$q->execute();
echo count(\$q->get_result()->fetch_all());
\$q->execute([2]);
\$q->bind_result(\$a, \$b);
while (\$q->fetch()) echo \$a;
\$q->close();
\$u = mysqli_prepare(\$m, 'update t set b = "n" where a < ?');
mysqli_stmt_execute(\$u, [3]);
echo mysqli_stmt_affected_rows(\$u);
try { mysqli_query(\$m, 'select nope'); } catch (mysqli_sql_exception \$e) { echo \$e->getCode(); }
mysqli_autocommit(\$m, false);
mysqli_query(\$m, 'delete from t');
mysqli_rollback(\$m);
echo mysqli_affected_rows(\$m), "\n";
foreach ([true, false] as \$emulate) {
    \$p = new PDO('mysql:unix_socket=$s;dbname=d', 'root', '', [PDO::ATTR_EMULATE_PREPARES => \$emulate]);
    \$p->beginTransaction();
    \$q = \$p->prepare('select * from t where a >= ?');
    \$q->bindValue(1, 2, PDO::PARAM_INT);
    \$q->execute();
    echo count(\$q->fetchAll()), \$p->exec("update t set b = 'k' where a = 1");
    \$p->rollBack();
}
PHP);
--EXPECT--
same
open cli [test.php]
1<0 connect [mysql:host=mariadb/s] at test.php:2
2<0 sql [drop database if exists d] a=1 at test.php:3 +write
3<0 sql [create database d] a=1 at test.php:4 +write
4<0 sql [create table t(a int, b varchar(?))] at test.php:6 +write
6<0 sql [insert into t values (?, ?), (?, ?), (?, ?)] a=3 at test.php:8 +tx+write
5<0 tx [mysql] a=1 at test.php:7
7<0 sql [select * from t where b <> ?] a=3 at test.php:10
8<0 sql [select * from t] at test.php:11
9<0 prepare [select * from t where a > ?] at test.php:12
10<0 sql [select * from t where a > ?] a=2 at test.php:15
11<0 sql [select * from t where a > ?] a=1 at test.php:17
12<0 prepare [update t set b = ? where a < ?] at test.php:21 +write
13<0 sql [update t set b = ? where a < ?] a=2 at test.php:22 +write
14<0 sql [select nope] at test.php:24 +failed
16<0 sql [delete from t] a=3 at test.php:26 +tx+write
15<0 tx [mysql] a=2 at test.php:25
17<0 connect [mysql:unix_socket=mariadb/s;dbname=d] at test.php:31
19<0 prepare [select * from t where a >= ?] at test.php:33 +tx
20<0 sql [select * from t where a >= ?] a=2 b=* at test.php:35 +tx
21<0 sql [update t set b = ? where a = ?] a=1 at test.php:36 +tx+write
18<0 tx [mysql] a=2 at test.php:32
22<0 connect [mysql:unix_socket=mariadb/s;dbname=d] at test.php:31
24<0 prepare [select * from t where a >= ?] at test.php:33 +tx
25<0 sql [select * from t where a >= ?] a=2 b=* at test.php:35 +tx
26<0 sql [update t set b = ? where a = ?] a=1 at test.php:36 +tx+write
23<0 tx [mysql] a=2 at test.php:32
close status=0 route=[-] action=[-] user=[-] spans=26 dropped=0 hydrated=0 lazy=0 events=0 refused=0
