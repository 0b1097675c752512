--TEST--
Preloaded classes are planted too
--SKIPIF--
<?php
if (getenv('FETTLE_TEST_MODE') === 'plain' || getenv('FETTLE_TEST_MODE') === 'valgrind') die('skip needs OPcache');
--FILE--
<?php
require __DIR__ . '/helper.inc';
fettle_file('<?php function p_lib($x) { return $x * 2; }', 'lib.php');
$pre = fettle_file('<?php class Pre { function p_pre() { return 4; } } opcache_compile_file(__DIR__ . "/lib.php"); function p_pl() { return (new Pre)->p_pre(); }', 'pre.php');
fettle_same('<?php echo p_pl(), p_lib(4), "\n";', ['fettle.plant' => 'p_*;*::p_*', 'opcache.preload' => $pre, 'opcache.preload_user' => get_current_user()]);
--EXPECT--
same
open cli [test.php]
2<1 call [Pre::p_pre] at pre.php:1 in p_pl
1<0 call [p_pl] at test.php:1
3<0 call [p_lib] at test.php:1
close status=0 route=[-] action=[-] user=[-] spans=3 dropped=0 hydrated=0 lazy=0 events=0 refused=0
