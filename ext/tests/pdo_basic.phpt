--TEST--
PDO: statements, their rows and the application line
--FILE--
<?php
require __DIR__ . '/helper.inc';
fettle_run(<<<'PHP'
<?php
class Repo
{
    function __construct(private PDO $p) {}
    function all(int $above)
    {
        $s = $this->p->prepare('select a from t where a > ?');
        $s->execute([$above]);
        return $s->fetchAll();
    }
    static function one(PDO $p)
    {
        return $p->query('select max(a) from t')->fetchColumn();
    }
}
function page(PDO $p)
{
    return count((new Repo($p))->all(1));
}
$p = new PDO('sqlite::memory:');
$p->exec('create table t(a)');
for ($i = 0; $i < 5; $i++)
    $p->exec("insert into t values($i)");
echo page($p), Repo::one($p);
$s = $p->query('select * from t');
while ($s->fetch()) {
}
echo $p->exec('update t set a = 7 where a < 3');
$s = $p->prepare('delete from t where a = :a');
$s->bindValue('a', 7);
$s->execute();
foreach ($p->query('select 1 as x') as $row) {
}
$s = $p->prepare('select * from t where a = ? or a = ?');
foreach ([3, 4] as $v) {
    $s->execute([$v, $v]);
    $s->fetchObject();
}
PHP);
--EXPECT--
out: 043
open cli [test.php]
1<0 connect [sqlite::memory:] at test.php:20
2<0 sql [create table t(a)] at test.php:21 +write
3<0 sql [insert into t values(?)] a=1 at test.php:23 +write
4<0 sql [insert into t values(?)] a=1 at test.php:23 +write
5<0 sql [insert into t values(?)] a=1 at test.php:23 +write
6<0 sql [insert into t values(?)] a=1 at test.php:23 +write
7<0 sql [insert into t values(?)] a=1 at test.php:23 +write
8<0 prepare [select a from t where a > ?] at test.php:7 in Repo::all from page
9<0 sql [select a from t where a > ?] b=* at test.php:8 in Repo::all from page
10<0 sql [select max(a) from t] a=1 at test.php:13 in Repo::one
11<0 sql [select * from t] a=5 at test.php:25
12<0 sql [update t set a = ? where a < ?] a=3 at test.php:28 +write
13<0 prepare [delete from t where a = :a] at test.php:29 +write
14<0 sql [delete from t where a = :a] b=* at test.php:31 +write
15<0 sql [select ? as x] at test.php:32
16<0 prepare [select * from t where a = ? or a = ?] at test.php:34
17<0 sql [select * from t where a = ? or a = ?] b=* at test.php:36
18<0 sql [select * from t where a = ? or a = ?] b=* at test.php:36
close status=0 route=[-] action=[-] user=[-] spans=18 dropped=0 hydrated=0 lazy=0 events=0 refused=0
