--TEST--
Off, or nobody to tell: nothing is installed and nothing recorded
--FILE--
<?php
require __DIR__ . '/helper.inc';
$code = <<<'PHP'
<?php
function p_x() { return (new PDO('sqlite::memory:'))->query('select 1')->fetchColumn(); }
echo p_x(), (new ReflectionExtension('fettle'))->getVersion(), "\n";
ob_start();
phpinfo(INFO_MODULES);
preg_match_all('/^(tier|why off) => (.*)$/m', ob_get_clean(), $m, PREG_SET_ORDER);
foreach ($m as $x)
    echo $x[1], ': ', $x[2], "\n";
PHP;
fettle_run($code, ['fettle.tier' => 'off', 'fettle.plant' => 'p_*']);
fettle_run($code, ['fettle.tier' => 'whatever']);
echo "-- no collector\n";
echo shell_exec(fettle_command(fettle_file($code), [], true));
echo "-- a collector that is not there\n";
echo shell_exec(fettle_command(fettle_file($code), ['fettle.sock' => '/nonexistent/sock'], true));
--EXPECT--
out: 10.1.0
tier: off
why off: fettle.tier=off
out: 10.1.0
tier: off
why off: fettle.tier=off
-- no collector
10.1.0
tier: off
why off: no socket: set FETTLE_SOCK or fettle.sock
-- a collector that is not there
10.1.0
tier: deep
