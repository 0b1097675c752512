<?php

/* Calls to these are planted into methods as they are compiled; they are of no use elsewhere. */

/** @param int $id */
function fettle_enter($id) {}

/** @param mixed $value */
function fettle_leave($value) {}

function fettle_leave_void() {}
