<?php

namespace App\Http\Controllers\Auth;

class LoginController extends \App\Http\Controllers\Controller {}
