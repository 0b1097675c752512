--TEST--
After fork the child has a ring of its own; the parent's trace stays whole
--SKIPIF--
<?php
if (!extension_loaded('pcntl')) die('skip no pcntl');
--FILE--
<?php
require __DIR__ . '/helper.inc';
ob_start();
fettle_run(<<<'PHP'
<?php
$p = new PDO('sqlite::memory:');
$p->query('select "before"');
if (($pid = pcntl_fork()) === 0) {
    $p->query('select "child"');
    usleep(1);
    exit(3);
}
pcntl_waitpid($pid, $status);
$p->query('select "parent"');
PHP, ['fettle.values' => 1]);
$traces = preg_split('/^(?=open)/m', ob_get_clean(), -1, PREG_SPLIT_NO_EMPTY);
sort($traces);
echo implode("--\n", $traces);
--EXPECT--
open cli [test.php]
1<0 connect [sqlite::memory:] at test.php:2
2<0 sql [select "before"] at test.php:3
3<0 sql [select "parent"] at test.php:10
close status=0 route=[-] action=[-] user=[-] spans=3 dropped=0 hydrated=0 lazy=0 events=0 refused=0
--
open cli [test.php]
1<0 sql [select "child"] at test.php:5
2<0 sleep [usleep] at test.php:6
close status=3 route=[-] action=[-] user=[-] spans=2 dropped=0 hydrated=0 lazy=0 events=0 refused=0
