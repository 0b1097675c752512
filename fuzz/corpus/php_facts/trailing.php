0<?php
use App\{
    A,
    B, // the last
};
$r = '/\{1,}/';
new A(new B);
class P {
    const string CLASS = 'x', OTHER = 'y';
    public function __construct(readonly string $a, readonly private int $b, public private(set) array $c = [], #[A] readonly ?B $d = null) {}
}
"$a->default {$b->class}";
__halt_compiler(); anything ' here
