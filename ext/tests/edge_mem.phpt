--TEST--
The memory limit is hit inside a planted function
--SKIPIF--
<?php
if (getenv('USE_ZEND_ALLOC') === '0') die('skip no memory limit without the Zend allocator');
if (getenv('FETTLE_TEST_MODE') == 'function') die('skip plain PHP 8.2 crashes here under function JIT');
--FILE--
<?php
require __DIR__ . '/helper.inc';
fettle_same(<<<'PHP'
<?php
ini_set('memory_limit', '8M');
register_shutdown_function(function () { ini_set('memory_limit', '64M'); echo "sd ", p_k(), "\n"; });
function p_k() { return 1; }
function p_mem() { $a = []; while (true) $a[] = str_repeat('x', 10000); return $a; }
p_mem();
PHP, ['fettle.plant' => 'p_*', 'error_reporting' => 0]);
--EXPECT--
same
open cli [test.php]
1<0 call [p_mem]
2<0 call [p_k] at test.php:3 in {closure}
close status=255 route=[-] action=[-] user=[-] spans=2 dropped=0 hydrated=0 lazy=0 events=0 refused=0
