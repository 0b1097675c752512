0<html><?php if ($a): ?> one <?php elseif ($b): ?> two <?php else: ?> three <?php endif ?>
<?= $x ?> text <?= f($y), 1 ?>
<?php foreach ($rows as $row): ?><li><?= $row->name ?></li><?php endforeach; ?>
<?php
if ($a) one(); else if ($b) { two(); } elseif ($c); else { three(); }
for ($i = 0, $j = 1; $i < 3; $i++, $j--) echo $i;
for (;;) { break 2; }
for ($i = 0; $i < 3; $i++): a(); b(); endfor;
while ($x = next($y)): continue; endwhile;
do $i--; while ($i);
do { $i--; } while ($i > 0);
switch ($x) { case 1: case 2: a(); break; default: b(); }
try { a(); } catch (A | \B\C $e) { b(); } catch (D) { } finally { c(); }
foreach ($a as $k => [$x, 'y' => $y]) { }
foreach ($a as &$v) $v++;
foreach (f() as ['a' => [, $b]]);
function g() { static $n = 1, $m; global $x, $$y; return; }
unset($a, $b['c']);
declare(ticks=1) { a(); }
goto end; end:
/** @var \App\Models\User $user */
$user = auth()->user();
/** nothing to say */
a();
const A = 1, B = self::class;
{ nested(); }
;
foreach ($as as $a) { $a->b->c; } // fettle-ignore n-plus-one-lazy: cached above
/* fettle-ignore */ f(); # fettle-ignore unbounded-get duplicate-query
