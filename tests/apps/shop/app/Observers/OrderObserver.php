<?php

namespace App\Observers;

class OrderObserver { public function saved($order) {} }
