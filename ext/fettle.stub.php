<?php

/** @generate-function-entries */

/* Calls to these are planted into methods as they are compiled; they are of no use elsewhere. */

/** @param int $id */
function fettle_enter($id): void {}

/**
 * @param mixed $value
 * @return mixed
 */
function fettle_leave($value) {}

function fettle_leave_void(): void {}
