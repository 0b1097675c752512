--TEST--
Recursion deeper than the stack of open spans: cut, counted, and right again afterwards
--FILE--
<?php
require __DIR__ . '/helper.inc';
fettle_same(<<<'PHP'
<?php
function p_r($n) { return $n ? 1 + p_r($n - 1) : 0; }
echo p_r(5000), "\n";
echo p_r(2), "\n";
PHP, ['fettle.plant' => 'p_*'], '', false);
ob_start();
fettle_run(<<<'PHP'
<?php
function p_r($n) { return $n ? 1 + p_r($n - 1) : 0; }
p_r(200);
p_r(1);
PHP, ['fettle.plant' => 'p_*']);
$lines = explode("\n", trim(ob_get_clean()));
echo count($lines), "\n", implode("\n", array_slice($lines, -5));
--EXPECT--
same
132
2<1 call [p_r] at test.php:2 in p_r
1<0 call [p_r] at test.php:3
130<129 call [p_r] at test.php:2 in p_r
129<0 call [p_r] at test.php:4
close status=0 route=[-] action=[-] user=[-] spans=130 dropped=73 hydrated=0 lazy=0 events=0 refused=0
