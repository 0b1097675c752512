--TEST--
Files with declare(ticks) are not planted: the count of ticks stays
--FILE--
<?php
require __DIR__ . '/helper.inc';
fettle_same(<<<'PHP'
<?php
declare(ticks=1);
function tk() { global $t; $t++; }
register_tick_function('tk');
function p_tick() { $a = 1; return $a; }
$t = 0;
p_tick();
$x = $t;
echo $x, "\n";
PHP, ['fettle.plant' => 'p_*']);
--EXPECT--
same
open cli [test.php]
close status=0 route=[-] action=[-] user=[-] spans=0 dropped=0 hydrated=0 lazy=0 events=0 refused=0
