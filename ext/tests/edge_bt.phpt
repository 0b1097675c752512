--TEST--
Arguments, variables and backtraces inside planted functions
--FILE--
<?php
require __DIR__ . '/helper.inc';
fettle_same(<<<'PHP'
<?php
function p_bt($a, $b = 2)
{
    static $n = 0;
    $n++;
    $v = get_defined_vars();
    ksort($v);
    echo json_encode([func_get_args(), func_num_args(), $n, array_keys($v)]), "\n";
    foreach (debug_backtrace() as $f) echo $f['function'], ':', $f['line'], ' ', json_encode($f['args'] ?? null), "\n";
    return compact('a', 'b');
}
function p_var(...$r) { return p_bt(...$r); }
echo json_encode(p_var(1, 2, 3)), "\n";
echo json_encode(p_bt(a: 5)), "\n";
function p_warn()
{
    return $undefined
        + strlen('ab');
}
set_error_handler(function ($no, $m, $f, $l) { echo "$m @$l\n"; });
p_warn();
function p_extract($d) { extract($d); return get_defined_vars(); }
echo json_encode(p_extract(['q' => 1])), "\n";
PHP, ['fettle.plant' => 'p_*'], '', false);
--EXPECT--
same
