--TEST--
The planted functions called by hand, with anything: no harm
--FILE--
<?php
require __DIR__ . '/helper.inc';
fettle_run(<<<'PHP'
<?php
function f() { fettle_leave_void(); return fettle_leave([1]); }
fettle_enter(0);
fettle_enter(-1);
fettle_enter(70000);
fettle_enter('x');
fettle_enter(1001);
fettle_leave(1);
fettle_leave(1);
var_dump(fettle_leave("a" . 1), f(), fettle_leave_void(), array_map('fettle_leave', [1, 2]));
for ($i = 0; $i < 30; $i++) { fettle_enter($i); fettle_leave_void(); }
for ($i = 0; $i < 300; $i++) fettle_enter(2);
try { fettle_enter(); } catch (ArgumentCountError $e) { echo get_class($e); }
call_user_func('fettle_enter', 3);
$x = 'y'; $r = &$x;
echo fettle_leave($r), $x;
PHP, ['fettle.values' => 0], '', '');
--EXPECT--
out: string(2) "a1"
array(1) {
  [0]=>
  int(1)
}
NULL
array(2) {
  [0]=>
  int(1)
  [1]=>
  int(2)
}
ArgumentCountErroryy
open cli [test.php]
2<1 call [-]
1<0 hydrate [-]
3<0 hydrate [-]
4<0 lazy [-]
5<0 cache [-]
6<0 cache [-]
7<0 cache [-] a=3
8<0 cache [-] a=3
9<0 cache [-] a=3
10<0 cache [-] a=4
11<0 view [-]
12<0 push [-]
13<0 push [-]
14<0 job [-]
close status=0 route=[-] action=[-] user=[-] spans=14 dropped=0 hydrated=0 lazy=0 events=0 refused=0
open job [test.php]
close status=0 route=[-] action=[-] user=[-] spans=0 dropped=0 hydrated=0 lazy=0 events=0 refused=0
