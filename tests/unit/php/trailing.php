<?php
use App\{
    A,
    B, // the last
};
$r = '/\{1,}/';
new A(new B);
