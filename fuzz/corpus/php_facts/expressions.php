0<?php
use Some\Thing as T;
use function Some\helper;
$a = $b ?? $c ?: $d ? 1 : 2;
$x = $y = &$z;
$a .= $b; $a ??= []; $i++; --$i; $a <=> $b; $a <> $b; $a and $b or !$c xor ~$d;
-1; +$a; 1_000; 0x1F; 1.5e3; true; NULL; PHP_EOL; \Foo\BAR; namespace\X;
(int) $a; (Array) $b; @f(); clone $a; print 'x'; include 'a.php'; throw new \E;
new class(1) extends T implements \I { public $p; };
new T; new $class; new ($x . 'y')(2); new static; new parent(); new $a->b['c']; new T\Sub;
T::make(); $a::make(); T::$inst; T::C; T::class; $a::class; T::{$m}(); T::$m(); static::x(); T\f(); \g(); helper(); h(); T::{'C'};
$a->b->c(); $a?->b?->c(...); $a->{'x' . $y}; $a->$p; $a->$m(1); $a['k']['j'][]; $f(); ($f)(); [$o, 'm']();
f(...$args, named: 1, array: 2); f(...); $a->f(self::A, static fn() => 1, parent::class);
fn (int|string|null $x = null, &...$rest): ?T => $x;
static function &() use ($a, &$b): array { return $a; };
match (true) { $a > 1, $b => 'x', default => fn() => 1 };
[, $a, 'k' => [$b, &$c]] = $d; list('x' => $x, 'y' => list($y)) = $z; [...$a, 'k' => 1, &$r];
isset($a, $b->c); empty($a); exit; die('x'); exit(1); eval('x');
$a instanceof T; $a instanceof $b; !$a instanceof \X; isset($a) && $b;
function gen() { yield; yield 1; yield 'k' => 2; yield from f(); }
$chain
    ->one()
    ->two->three()
    ?->four();
$$v; ${'a'}; ${$b}; $$v['x'];
(A & B) | null; $q = (function () { return 1; })();
