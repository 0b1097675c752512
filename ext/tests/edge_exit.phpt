--TEST--
exit inside planted functions: shutdown functions and destructors run, spans are closed
--FILE--
<?php
require __DIR__ . '/helper.inc';
fettle_same(<<<'PHP'
<?php
register_shutdown_function(function () { echo "shutdown ", p_three(), "\n"; });
class D { function __destruct() { echo "destruct ", p_three(), "\n"; } }
function p_three() { return 3; }
function p_ex() { $d = new D; try { exit("bye\n"); } finally { echo "never\n"; } }
function p_lvl() { return p_ex(); }
p_lvl();
PHP, ['fettle.plant' => 'p_*']);
--EXPECT--
same
open cli [test.php]
3<2 call [p_three] at test.php:3 in D::__destruct from p_lvl
2<1 call [p_ex]
1<0 call [p_lvl]
4<0 call [p_three] at test.php:2 in {closure}
close status=0 route=[-] action=[-] user=[-] spans=4 dropped=0 hydrated=0 lazy=0 events=0 refused=0
