<?php
namespace One;
use A\B;
class K extends B { }
namespace Two\Three;
/* no doc */
/** the doc */
// a line between
#[Attr, \Full\Attr2(1, x: B::class)]
abstract class K extends B
{
    use T1, \T2 { T1::a insteadof T2; T2::b as protected c; }
    /** prop doc */
    #[Computed] public private(set) readonly ?B $a;
    var $old = 1;
    public static int|null $u = null, $v;
    public string $hooked {
        /** inner */
        get => strtoupper($this->hooked);
        set(string $value) { $this->hooked = $value; }
    }
    const string DEFAULT = 'x';
    final protected const int TWO = 2;
    #[Override]
    /** doc after attribute */
    final public static function &m((A&B)|null $x, A&B $y, self ...$z): static { }
    abstract protected function n(): int|B;
    public function list() { }
    function __construct(private readonly B $b = new B, public $c = 1, protected ?int &$d = null) {}
}
enum Suit: string implements HasX { case A = 'a'; #[X] case B = 'b'; const D = self::A; public static function f(): self { return self::A; } use T; }
interface I extends J, \K { const X = 1; function a(): void; }
trait T { protected abstract static function t(); }
function f(callable $c, iterable $i, INT $n, \Int $m): never {}
namespace { use X\Y; class Z extends Y {} function top() {} }
