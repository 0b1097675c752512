--TEST--
OPcache's file cache: written with one tier and read with another, each finds its own code
--SKIPIF--
<?php
if (getenv('FETTLE_TEST_MODE') === 'plain' || getenv('FETTLE_TEST_MODE') === 'valgrind') die('skip needs OPcache');
--FILE--
<?php
require __DIR__ . '/helper.inc';
$cache = fettle_folder() . '/cache';
mkdir($cache);
fettle_file('<?php function p_lib($x) { return $x * 2; }', 'lib.php');
$code = '<?php require __DIR__ . "/lib.php"; echo p_lib(2), "\n";';
foreach (['deep', 'deep', 'off', 'always', 'deep', 'off'] as $tier) {
    echo "-- $tier\n";
    fettle_run($code, ['fettle.tier' => $tier, 'fettle.plant' => 'p_*', 'opcache.file_cache' => $cache, 'opcache.file_cache_only' => '1',
                       'opcache.jit' => 'disable', 'opcache.jit_buffer_size' => '0']);
}
echo "-- without the extension\n", shell_exec(fettle_command(fettle_folder() . '/test.php',
    ['opcache.file_cache' => $cache, 'opcache.file_cache_only' => '1', 'opcache.jit' => 'disable', 'opcache.jit_buffer_size' => '0'], false));
--EXPECT--
-- deep
out: 4
open cli [test.php]
1<0 call [p_lib] at test.php:1
close status=0 route=[-] action=[-] user=[-] spans=1 dropped=0 hydrated=0 lazy=0 events=0 refused=0
-- deep
out: 4
open cli [test.php]
1<0 call [p_lib] at test.php:1
close status=0 route=[-] action=[-] user=[-] spans=1 dropped=0 hydrated=0 lazy=0 events=0 refused=0
-- off
out: 4
-- always
out: 4
open cli [test.php]
1<0 call [p_lib] at test.php:1
close status=0 route=[-] action=[-] user=[-] spans=1 dropped=0 hydrated=0 lazy=0 events=0 refused=0
-- deep
out: 4
open cli [test.php]
1<0 call [p_lib] at test.php:1
close status=0 route=[-] action=[-] user=[-] spans=1 dropped=0 hydrated=0 lazy=0 events=0 refused=0
-- off
out: 4
-- without the extension
4
