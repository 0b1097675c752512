<?php

namespace App\Http\Controllers\Admin;

class HomeController extends \App\Http\Controllers\Controller {}
