--TEST--
Functions that return by reference are left as they are
--FILE--
<?php
require __DIR__ . '/helper.inc';
fettle_same(<<<'PHP'
<?php
class R
{
    public $a = [1, 2];
    function &p_ref($k) { return $this->a[$k]; }
    function &p_loc() { static $x = 5; return $x; }
    function p_val() { $x = &$this->a[0]; return $x; }
}
$r = new R;
$x = &$r->p_ref(0);
$x = 99;
echo json_encode($r->a), "\n";
$y = &$r->p_loc();
$y = 7;
echo $r->p_loc(), "\n";
$z = $r->p_val();
$z = 1;
echo $r->a[0], "\n";
function &p_bad() { return strlen("abc"); }
$q = &p_bad();
echo $q, "\n";
function p_undef() { return $nope; }
var_dump(p_undef());
PHP, ['fettle.plant' => 'p_*;*::p_*']);
--EXPECT--
same
open cli [test.php]
1<0 call [R::p_val] at test.php:16
2<0 call [p_undef] at test.php:23
close status=0 route=[-] action=[-] user=[-] spans=2 dropped=0 hydrated=0 lazy=0 events=0 refused=0
