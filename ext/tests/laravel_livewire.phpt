--TEST--
Livewire: phases with their component, bytes of the snapshots, the called method as action
--FILE--
<?php
require __DIR__ . '/helper.inc';
@mkdir(fettle_folder() . '/vendor');
copy(__DIR__ . '/data/illuminate.inc', fettle_folder() . '/vendor/illuminate.php');
fettle_same(<<<'PHP'
<?php
require __DIR__ . '/vendor/illuminate.php';
class Counter extends Livewire\Component
{
    public $count = 1, $text = '';
    function more($by) { $this->count += $by; (new PDO('sqlite::memory:'))->query('select 1'); }
    function render() { return "<b>$this->count</b>"; }
}
$h = new Livewire\Mechanisms\HandleComponents\HandleComponents;
[$html, $snapshot] = $h->mount('Counter', ['text' => str_repeat('x', 1000)]);
[$html, $next] = $h->update($snapshot, ['text' => 'y'], [['method' => 'more', 'params' => [4]]]);
[$html, $next] = $h->update($next, [], []);
echo $html, strlen(json_encode($next));
$next['data']['count'] = 100;
try { $h->update($next, [], []); } catch (Exception $e) { echo $e->getMessage(); }
PHP);
--EXPECT--
same
open livewire [test.php]
2<1 livewire [Counter] a=5 at test.php:10
3<1 livewire [Counter] a=6 b=1065 at test.php:10
1<0 livewire [Counter] a=1 at test.php:10
5<4 livewire [Counter] a=2 b=1065 at test.php:11
7<6 connect [sqlite::memory:] at test.php:6 in Counter::more
8<6 sql [select ?] at test.php:6 in Counter::more
6<4 livewire [Counter] a=4 at test.php:11
9<4 livewire [Counter] a=5 at test.php:11
10<4 livewire [Counter] a=6 b=66 at test.php:11
4<0 livewire [Counter] a=3 at test.php:11
12<11 livewire [Counter] a=2 b=66 at test.php:12
13<11 livewire [Counter] a=5 at test.php:12
14<11 livewire [Counter] a=6 b=66 at test.php:12
11<0 livewire [Counter] a=3 at test.php:12
16<15 livewire [-] a=2
15<0 livewire [-] a=3
close status=0 route=[-] action=[Counter@more] user=[-] spans=16 dropped=0 hydrated=0 lazy=0 events=0 refused=0
