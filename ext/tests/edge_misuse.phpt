--TEST--
The planted functions called by hand, with anything: no harm
--FILE--
<?php
require __DIR__ . '/helper.inc';
ob_start();
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
$said = ob_get_clean();
echo strstr($said, 'open', true), preg_match('/^close /m', $said) ? 'closed' : 'lost', "\n";
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
closed
