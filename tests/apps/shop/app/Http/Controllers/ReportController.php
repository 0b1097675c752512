<?php

namespace App\Http\Controllers;

class ReportController { public function __invoke() {} public function chart() {} }
class SessionController { public function store() {} }
