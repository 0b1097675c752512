--TEST--
disable_functions may name ours: then nothing is planted, and nothing breaks
--FILE--
<?php
require __DIR__ . '/helper.inc';
foreach (['fettle_enter', 'fettle_leave', 'fettle_leave_void'] as $f)
    fettle_same('<?php function p_x() { return 1; } echo p_x(); (new PDO("sqlite::memory:"))->exec("select 1");', ['fettle.plant' => 'p_*', 'disable_functions' => $f]);
--EXPECT--
same
open cli [test.php]
1<0 connect [sqlite::memory:] at test.php:1
2<0 sql [select ?] at test.php:1
close status=0 route=[-] action=[-] user=[-] spans=2 dropped=0 hydrated=0 lazy=0 events=0 refused=0
same
open cli [test.php]
1<0 connect [sqlite::memory:] at test.php:1
2<0 sql [select ?] at test.php:1
close status=0 route=[-] action=[-] user=[-] spans=2 dropped=0 hydrated=0 lazy=0 events=0 refused=0
same
open cli [test.php]
1<0 connect [sqlite::memory:] at test.php:1
2<0 sql [select ?] at test.php:1
close status=0 route=[-] action=[-] user=[-] spans=2 dropped=0 hydrated=0 lazy=0 events=0 refused=0
