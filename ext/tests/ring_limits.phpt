--TEST--
A trace past its share of the ring: the rest is summed by kind, the next trace is whole
--FILE--
<?php
require __DIR__ . '/helper.inc';
@mkdir(fettle_folder() . '/vendor');
copy(__DIR__ . '/data/illuminate.inc', fettle_folder() . '/vendor/illuminate.php');
ob_start();
fettle_run(<<<'PHP'
<?php
require __DIR__ . '/vendor/illuminate.php';
class Job { function handle() { (new PDO('sqlite::memory:'))->query('select 1'); } }
$p = new PDO('sqlite::memory:');
for ($i = 0; $i < 5000; $i++)
    $p->exec("select 1");
(new Illuminate\Queue\Worker)->process('x', new Job, null);
PHP, ['fettle.ring_bytes' => 262144]);
$lines = explode("\n", trim(ob_get_clean()));
$spans = preg_grep('/^\d+<\d+ sql/', $lines);
$sum = array_values(preg_grep('/^sum/', $lines));
preg_match('/count=(\d+)/', $sum[0] ?? '', $m);
echo count($spans) > 500 && count($spans) < 2000 ? "some spans\n" : count($spans) . " spans\n";
echo count($spans) - 1 + (int) ($m[1] ?? 0), " with the sum\n";
echo implode("\n", array_slice($lines, -5)), "\n";
--EXPECT--
some spans
5000 with the sum
open job [Job]
2<1 connect [sqlite::memory:] at test.php:3 in Job::handle
3<1 sql [select ?] at test.php:3 in Job::handle
1<0 job [Job] at test.php:7
close status=0 route=[Job] action=[-] user=[-] spans=3 dropped=0 hydrated=0 lazy=0 events=0 refused=0
