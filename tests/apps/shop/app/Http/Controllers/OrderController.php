<?php

namespace App\Http\Controllers;

use App\Models\Order;
use App\Support\Clock;
use Illuminate\Routing\Controller;
use Illuminate\Support\Collection;

class OrderController extends Controller
{
    protected $clock;

    /** @var Collection<int, Order>|null */
    private $cached;

    public function __construct(private readonly Order $order, Clock $clock) { $this->clock = $clock; }
    public function index() { return view('orders.index', ['orders' => Order::all()]); }
    public function show(Order $order) { return view('orders.show', compact('order')); }
    public function stock() {}
}
