--TEST--
Nobody reads: whole traces are lost and counted, the application runs on, and what was kept is right
--FILE--
<?php
require __DIR__ . '/helper.inc';
@mkdir(fettle_folder() . '/vendor');
copy(__DIR__ . '/data/illuminate.inc', fettle_folder() . '/vendor/illuminate.php');
$code = fettle_file(<<<'PHP'
<?php
require __DIR__ . '/vendor/illuminate.php';
class Job { function handle() { global $p, $n; $n++; for ($i = 0; $i < 300; $i++) $p->exec("select 1 as n$n"); } }
$p = new PDO('sqlite::memory:');
for ($k = 0; $k < 40; $k++)
    (new Illuminate\Queue\Worker)->process('x', new Job, null);
echo "done\n";
PHP);
$sock = fettle_folder() . '/sock';
$collector = proc_open([getenv('FETTLE_TEST_COLLECTOR'), '-l', $sock, '-w'], [['pipe', 'r'], ['pipe', 'w']], $pipes);
while (!file_exists($sock))
    usleep(10000);
echo shell_exec(fettle_command($code, ['fettle.ring_bytes' => 262144, 'fettle.sock' => $sock], true));
fclose($pipes[0]);
$said = stream_get_contents($pipes[1]);
preg_match('/lost (\d+)/', $said, $lost);
$kept = substr_count($said, "\nclose ");
echo $kept > 5 ? "kept some\n" : "kept $kept\n", $kept + $lost[1], " in all\n";
echo substr_count($said, '(unknown string)'), " unknown strings, ", substr_count($said, 'broken'), " broken records\n";
--EXPECT--
done
kept some
41 in all
0 unknown strings, 0 broken records
