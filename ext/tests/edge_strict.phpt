--TEST--
strict_types, return types, traits, enums, attributes, functions of the same names in a namespace
--FILE--
<?php
require __DIR__ . '/helper.inc';
fettle_same(<<<'PHP'
<?php
declare(strict_types=1);
namespace Foo\Bar;
use InvalidArgumentException as IAE;
#[\Attribute] class At { public function __construct(public int $v = 1) {} }
function p_int(int $x): int { return $x; }
function strlen($s) { return 'shadow'; }
function fettle_enter() { echo "HIJACK\n"; }
function fettle_leave($x) { echo "HIJACK\n"; return 0; }
trait T
{
    #[At(3)] private function p_t(): static { return $this; }
    abstract function p_abs();
    public function go() { return $this->p_t()->p_abs(); }
}
final class C
{
    use T;
    public function __construct(protected readonly string $p = 'q') {}
    public function p_abs(): string { return __FUNCTION__ . __METHOD__ . __CLASS__ . __LINE__ . $this->p . strlen('a'); }
    public function p_void(): void { return; }
    public function p_never(): never { throw new IAE('nv'); }
}
echo p_int(3), (new C)->go(), "\n";
(new C)->p_void();
try { (new C)->p_never(); } catch (IAE $e) { echo $e->getLine(), "\n"; }
try { p_int("5"); } catch (\TypeError $e) { echo $e->getMessage(), "\n"; }
function p_badret(): int { return "7"; }
try { p_badret(); } catch (\TypeError $e) { echo $e->getMessage(), "\n"; }
function p_noret(): int { }
try { p_noret(); } catch (\TypeError $e) { echo $e->getMessage(), "\n"; }
enum Suit: string { case H = 'h'; const X = self::H; public static function p_e(): self { return self::X; } }
echo Suit::p_e()->value, "\n";
echo (new \ReflectionMethod(C::class, 'p_abs'))->getStartLine(), (new \ReflectionMethod(C::class, 'p_abs'))->getEndLine(), "\n";
PHP, ['fettle.plant' => 'Foo\\Bar\\p_*;*::p_*']);
--EXPECT--
same
open cli [test.php]
1<0 call [Foo\Bar\p_int] at test.php:24
2<0 call [Foo\Bar\C::p_t] at test.php:14 in Foo\Bar\C::go
3<0 call [Foo\Bar\C::p_abs] at test.php:14 in Foo\Bar\C::go
4<0 call [Foo\Bar\C::p_void] at test.php:25
5<0 call [Foo\Bar\C::p_never] +failed
6<0 call [Foo\Bar\p_badret] at test.php:29
7<0 call [Foo\Bar\p_noret] at test.php:31
8<0 call [Foo\Bar\Suit::p_e] at test.php:33
close status=0 route=[-] action=[-] user=[-] spans=8 dropped=0 hydrated=0 lazy=0 events=0 refused=0
