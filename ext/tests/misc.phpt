--TEST--
sleep, mail, garbage collection, trace ids, exit codes
--FILE--
<?php
require __DIR__ . '/helper.inc';
fettle_run(<<<'PHP'
<?php
usleep(10);
sleep(0);
time_nanosleep(0, 10);
mail('someone@example.com', 'Subject with a name', 'body');
class Node { public $self; }
for ($i = 0; $i < 3; $i++) { $n = new Node; $n->self = $n; }
unset($n);
echo gc_collect_cycles();
exit(7);
PHP, ['sendmail_path' => '/bin/true']);
putenv('FETTLE_TRACE=0123456789abcdef0011223344556677');
ob_start();
fettle_run('<?php echo 1;', [], '', '-t');
echo preg_match('/id=(\w+)/', ob_get_clean(), $m) ? $m[1] : 'no id', "\n";
putenv('FETTLE_TRACE=zzz');
ob_start();
fettle_run('<?php echo 1;', [], '', '-t');
echo preg_match('/id=\w{32}\b/', ob_get_clean()) ? 'own id' : 'no id', "\n";
--EXPECT--
out: 3
open cli [test.php]
1<0 sleep [usleep] at test.php:2
2<0 sleep [sleep] at test.php:3
3<0 sleep [time_nanosleep] at test.php:4
4<0 mail [subject:f805e333] at test.php:5
5<0 gc [-] a=3
close status=7 route=[-] action=[-] user=[-] spans=5 dropped=0 hydrated=0 lazy=0 events=0 refused=0
0123456789abcdef0011223344556677
own id
