<?php

namespace App\Http\Controllers;

class HomeController extends Controller { public function index() { return view('blog::list'); } }
class Controller extends \Illuminate\Routing\Controller {}
