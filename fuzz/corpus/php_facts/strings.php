0<?php
$a = 'it\'s \\ \n';
$b = "tab\t nl\n dollar\$ hex\x41 oct\101 uni\u{1F600} quote\" other\q \u{110000}";
$c = "$x $x[key] $x[0] $x[-1] $x[$i] $x->y $x->y->z {$x->y->z} ${name} ${'a' . $b} {$f(1)}";
$d = <<<TXT
    one
      two $x
    three \"q\" {$y['k']}
    TXT;
$e = <<<'RAW'
  raw $x \n
  RAW;
$f = <<<E
E;
$g = b"bin" . B'bin' . "";
$h = "\0$item->class\0$key";
$i = "$x->default";
$j = <<<"Q"
  {$a}b
Q . 'tail';
$k = `ls $dir`;
$l = "$a?->b $a?-> $a?->9 $a?->bc?->d";
