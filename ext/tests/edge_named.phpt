--TEST--
Named and variadic arguments, magic methods, callbacks, destructors
--FILE--
<?php
require __DIR__ . '/helper.inc';
fettle_same(<<<'PHP'
<?php
function p_n(int $x, string ...$o) { return [$x, $o]; }
echo json_encode(p_n(x: 1, foo: 'a')), "\n";
$c = p_n(...);
echo json_encode($c(2)), "\n";
class M
{
    function __call($n, $a) { return $this->p_i($n, $a); }
    function p_i($n, $a) { return "$n!"; }
    static function __callStatic($n, $a) { return "s$n"; }
    function __get($k) { return $this->p_get($k); }
    function p_get($k) { return "g$k"; }
}
echo (new M)->foo(), M::bar(), (new M)->zed, "\n";
function p_iss(?array $a = null) { return $a['x']['y'] ?? 'def'; }
echo p_iss(), "\n";
echo implode(',', array_map('p_sq', [1, 2, 3])), "\n";
function p_sq($x) { return $x * $x; }
function p_dtor() { $o = new class { function __destruct() { echo "D "; } }; return 'r '; }
echo p_dtor(), "\n";
function p_arr() { $a = [1, 2, 3]; $a[] = 4; return $a; }
$z = p_arr();
$z[] = 5;
echo count($z), "\n";
PHP, ['fettle.plant' => 'p_*;*::p_*']);
--EXPECT--
same
open cli [test.php]
1<0 call [p_n] at test.php:3
2<0 call [p_n] at test.php:5
3<0 call [M::p_i] at test.php:8 in M::__call
4<0 call [M::p_get] at test.php:11 in M::__get
5<0 call [p_iss] at test.php:16
6<0 call [p_sq] at test.php:17
7<0 call [p_sq] at test.php:17
8<0 call [p_sq] at test.php:17
9<0 call [p_dtor] at test.php:20
10<0 call [p_arr] at test.php:22
close status=0 route=[-] action=[-] user=[-] spans=10 dropped=0 hydrated=0 lazy=0 events=0 refused=0
