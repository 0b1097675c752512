--TEST--
exit inside a callback of SQLite, and queries after it
--FILE--
<?php
require __DIR__ . '/helper.inc';
fettle_same(<<<'PHP'
<?php
$p = new PDO('sqlite::memory:');
$p->sqliteCreateFunction('f', function ($x) { exit; });
register_shutdown_function(function () use ($p) {
    echo 'shutdown';
    (new PDO('sqlite::memory:'))->query('select 1');
});
$p->query('select f(1)');
PHP);
--EXPECT--
same
open cli [test.php]
1<0 connect [sqlite::memory:] at test.php:2
2<0 sql [select f(?)] at test.php:8 +failed
3<0 connect [sqlite::memory:] at test.php:6 in {closure}
4<0 sql [select ?] at test.php:6 in {closure}
close status=0 route=[-] action=[-] user=[-] spans=4 dropped=0 hydrated=0 lazy=0 events=0 refused=0
