--TEST--
Generators are not planted, their callers are
--FILE--
<?php
require __DIR__ . '/helper.inc';
fettle_same(<<<'PHP'
<?php
function p_gen($n) { for ($i = 0; $i < $n; $i++) yield $i; return 'done'; }
function p_outer() { $s = 0; foreach (p_gen(3) as $v) $s += $v; return $s; }
echo p_outer(), "\n";
$g = p_gen(5);
echo $g->current();
$h = p_gen(2);
echo $h->current();
$g->next();
echo $g->current();
unset($g);
foreach ($h as $v) echo $v;
echo $h->getReturn(), "\n";
function p_deleg() { $r = yield from p_gen(2); return $r; }
foreach (p_deleg() as $v) echo $v;
function query($p) { yield 1; $p->query('select 1'); yield 2; }
foreach (query(new PDO('sqlite::memory:')) as $x) echo $x;
PHP, ['fettle.plant' => 'p_*']);
--EXPECT--
same
open cli [test.php]
1<0 call [p_outer] at test.php:4
2<0 connect [sqlite::memory:] at test.php:17
3<0 sql [select ?] at test.php:16 in query
close status=0 route=[-] action=[-] user=[-] spans=3 dropped=0 hydrated=0 lazy=0 events=0 refused=0
