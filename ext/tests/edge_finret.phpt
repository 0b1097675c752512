--TEST--
Returns in try, finally, loops, switch and match
--FILE--
<?php
require __DIR__ . '/helper.inc';
fettle_same(<<<'PHP'
<?php
function p_f() { try { throw new Exception("lost"); } finally { return 7; } }
echo p_f(), "\n";
function p_g() { for ($i = 0; $i < 3; $i++) { try { continue; } finally { if ($i == 2) return $i; } } return -1; }
echo p_g(), "\n";
function p_h() { try { return 1; } finally { echo "in "; } }
echo p_h(), "\n";
function p_twice() { try { return 1; } finally { return 2; } }
echo p_twice(), "\n";
function p_goto($n) { a: if ($n++ < 3) goto a; return $n; }
echo p_goto(0), "\n";
function p_sw($x) { switch ($x) { case 1: return 'one'; default: return 'other'; } }
echo p_sw(1), p_sw(2), "\n";
function p_match($x) { return match (true) { $x > 1 => 'big', default => throw new DomainException('d') }; }
echo p_match(2);
try { p_match(0); } catch (DomainException $e) { echo $e->getLine(), "\n"; }
PHP, ['fettle.plant' => 'p_*']);
--EXPECT--
same
open cli [test.php]
1<0 call [p_f] at test.php:3
2<0 call [p_g] at test.php:5
3<0 call [p_h] at test.php:7
4<0 call [p_twice] at test.php:9
5<0 call [p_goto] at test.php:11
6<0 call [p_sw] at test.php:13
7<0 call [p_sw] at test.php:13
8<0 call [p_match] at test.php:15
9<0 call [p_match]
close status=0 route=[-] action=[-] user=[-] spans=9 dropped=0 hydrated=0 lazy=0 events=0 refused=0
