<?php

namespace Modules\Blog\Http\Controllers;

class BlogController extends \Illuminate\Routing\Controller { public function list() {} }
