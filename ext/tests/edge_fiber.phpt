--TEST--
Each fiber has spans of its own: parents do not cross, destroyed fibers end theirs
--FILE--
<?php
require __DIR__ . '/helper.inc';
fettle_same(<<<'PHP'
<?php
function p_f($n) { $x = Fiber::suspend($n); return $x; }
function p_g($n) { return p_f($n) + p_f($n + 1); }
$a = new Fiber('p_g');
$b = new Fiber('p_g');
echo $a->start(1), $b->start(10);
echo $a->resume(5);
echo $b->resume(6);
$a->resume(1);
$b->resume(2);
echo $a->getReturn(), $b->getReturn(), "\n";
$c = new Fiber(function () { try { p_f(1); } finally { echo "cfin\n"; } });
$c->start();
unset($c);
gc_collect_cycles();
$d = new Fiber(function () { p_f(1); });
$d->start();
try { $d->throw(new Exception("into")); } catch (Exception $e) { echo $e->getTraceAsString(), "\n"; }
function p_main() { $f = new Fiber(function () { p_f(3); }); $f->start(); $r = (new PDO('sqlite::memory:'))->query('select 1'); $f->resume(); return 1; }
p_main();
$many = [];
for ($i = 0; $i < 100; $i++) { $many[$i] = new Fiber('p_f'); $many[$i]->start($i); }
foreach ($many as $f) $f->resume(1);
function p_throws($n) { Fiber::suspend($n); throw new Exception("from $n"); }
for ($i = 0; $i < 100; $i++) { $many[$i] = new Fiber('p_throws'); $many[$i]->start($i); }
foreach ($many as $f) { try { $f->resume(1); } catch (Exception $e) { echo strlen($e->getMessage()); } }
PHP, ['fettle.plant' => 'p_*'], '', false);
fettle_run(<<<'PHP'
<?php
function p_f($n) { $x = Fiber::suspend($n); return $x; }
function p_g($n) { return p_f($n) + p_f($n + 1); }
$a = new Fiber('p_g');
$b = new Fiber('p_g');
$a->start(1);
$b->start(10);
$a->resume(5);
$b->resume(6);
$a->resume(1);
$b->resume(2);
function p_main() { $f = new Fiber(function () { p_f(3); }); $f->start(); $r = (new PDO('sqlite::memory:'))->query('select 1'); $f->resume(); return 1; }
p_main();
$d = new Fiber(function () { p_f(1); });
$d->start();
unset($d);
PHP, ['fettle.plant' => 'p_*']);
--EXPECT--
same
open cli [test.php]
2<1 call [p_f] at test.php:3 in p_g
4<3 call [p_f] at test.php:3 in p_g
5<1 call [p_f] at test.php:3 in p_g
1<0 call [p_g] at test.php:10
6<3 call [p_f] at test.php:3 in p_g
3<0 call [p_g] at test.php:11
9<7 connect [sqlite::memory:] at test.php:12 in p_main
10<7 sql [select ?] at test.php:12 in p_main
8<0 call [p_f] at test.php:12 in {closure} from p_main
7<0 call [p_main] at test.php:13
11<0 call [p_f]
close status=0 route=[-] action=[-] user=[-] spans=11 dropped=0 hydrated=0 lazy=0 events=0 refused=0
