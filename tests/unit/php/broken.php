<?php
namespace App;

class A
{
    public function one() { return $this->; }

    public function two( { foo(); }

    public function three() { return Model::where('a', 1)->get(); }
}
<<<<<<< HEAD
$a = 1;
=======
$a = 2;
>>>>>>> main
function four() { return [1, 2; }
class B { public $x = ; }
