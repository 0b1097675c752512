--TEST--
Exceptions through planted functions: their spans end, later ones have the right parents
--FILE--
<?php
require __DIR__ . '/helper.inc';
fettle_same(<<<'PHP'
<?php
function inner() { throw new RuntimeException("x"); }
function p_a($n) { if ($n == 0) inner(); return p_a($n - 1); }
class A
{
    function p_m($n) { try { return p_a($n); } finally { echo "fin "; } }
    static function p_s() { return (new self)->p_m(2); }
}
try { A::p_s(); } catch (Exception $e) { echo $e->getTraceAsString(), "\n", $e->getLine(), "\n"; }
function p_ok() { return 1; }
echo p_ok(), "\n";
function p_catches() { try { p_a(1); } catch (RuntimeException) { return p_ok(); } }
p_catches();
set_exception_handler(function ($e) { echo "H: ", $e->getMessage(), " ", $e->getLine(), " ", p_ok(), "\n"; });
function p_nested() { try { inner(); } catch (RuntimeException $e) { throw new LogicException("y", 0, $e); } finally { echo "F1 "; } }
p_nested();
PHP, ['fettle.plant' => 'p_*;*::p_*']);
--EXPECT--
same
open cli [test.php]
5<4 call [p_a] +failed
4<3 call [p_a] +failed
3<2 call [p_a] +failed
2<1 call [A::p_m] +failed
1<0 call [A::p_s] +failed
6<0 call [p_ok] at test.php:11
9<8 call [p_a] +failed
8<7 call [p_a] +failed
10<7 call [p_ok] at test.php:12 in p_catches
7<0 call [p_catches] at test.php:13
11<0 call [p_nested] +failed
12<0 call [p_ok] at test.php:14 in {closure}
close status=0 route=[-] action=[-] user=[-] spans=12 dropped=0 hydrated=0 lazy=0 events=0 refused=0
