--TEST--
A hot loop through planted methods, exceptions and generators among them
--FILE--
<?php
require __DIR__ . '/helper.inc';
fettle_same(<<<'PHP'
<?php
class E1 extends Exception {}
class H
{
    private $v = [1, 2, 3];
    function p_a($i) { if ($i % 7 == 0) throw new E1("a$i"); return $this->p_b($i) + 1; }
    function p_b($i) { try { return $i % 3 ? count($this->v) : $this->p_c($i); } finally { $this->v[0] = $i; } }
    function p_c($i) { foreach ($this->v as $k => $x) { if ($k == 1) return $x; } return 0; }
    function p_d(array $a): array { $a[] = 1; return $a; }
    function p_e(?string $s): ?string { return $s === null ? null : $s . 'x'; }
    function p_v(): void { $this->v[1]++; }
}
$h = new H;
$s = 0;
$n = 0;
for ($i = 0; $i < 20000; $i++) {
    try { $s += $h->p_a($i); } catch (E1 $e) { $n++; if ($n % 500 == 0) echo $e->getLine(), count($e->getTrace()), ' '; }
    $x = $h->p_d([$i]);
    $s += count($x);
    $s += strlen((string)$h->p_e($i % 2 ? 'q' : null));
    $h->p_v();
    if ($i == 15000) {
        $g = (function () use ($h) { for ($j = 0; $j < 3; $j++) yield $h->p_b($j); })();
        foreach ($g as $y) $s += $y;
    }
}
echo "\n$s $n\n";
PHP, ['fettle.plant' => '*::p_*'], '', false);
--EXPECT--
same
