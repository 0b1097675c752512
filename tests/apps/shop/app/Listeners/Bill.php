<?php

namespace App\Listeners;

use App\Events\OrderPaid;
use App\Events\OrderSent;
use Illuminate\Contracts\Queue\ShouldQueue;

class Bill implements ShouldQueue
{
    public function handle(OrderPaid|OrderSent $event) {}
}
class Journal
{
    public function subscribe($events) { $events->listen(OrderSent::class, [Journal::class, 'note']); }
}
class Stock
{
    public function handle($event) {}
}
