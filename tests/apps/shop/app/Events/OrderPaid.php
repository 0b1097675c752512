<?php

namespace App\Events;

class OrderPaid {}
class OrderSent {}
