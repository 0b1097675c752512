<?php

namespace App\Http\Controllers\Api;

class CustomerController extends \Illuminate\Routing\Controller { public function index() {} }
