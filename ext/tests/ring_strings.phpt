--TEST--
A dictionary that overflows starts over: strings are sent again, none is unknown
--FILE--
<?php
require __DIR__ . '/helper.inc';
@mkdir(fettle_folder() . '/vendor');
copy(__DIR__ . '/data/illuminate.inc', fettle_folder() . '/vendor/illuminate.php');
ob_start();
fettle_run(<<<'PHP'
<?php
require __DIR__ . '/vendor/illuminate.php';
class Job { function handle() { global $p, $n; for ($i = 0; $i < 4000; $i++) { $n++; $p->exec("select a$n from (select 1 as a$n)"); } } }
$p = new PDO('sqlite::memory:');
for ($k = 0; $k < 12; $k++)
    (new Illuminate\Queue\Worker)->process('x', new Job, null);
PHP, ['fettle.values' => 1]);
$said = ob_get_clean();
echo substr_count($said, ' sql ['), " statements, ", substr_count($said, '(unknown string)'), " unknown strings, ",
    substr_count($said, 'Job::handle'), " places, ", substr_count($said, "\nforget\n"), " times forgotten\n";
--EXPECT--
48000 statements, 0 unknown strings, 48000 places, 1 times forgotten
