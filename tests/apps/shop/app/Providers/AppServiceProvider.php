<?php

namespace App\Providers;

use App\Models\Product;
use App\Observers\OrderObserver;
use Illuminate\Database\Eloquent\Model;
use Illuminate\Support\Facades\Blade;
use Illuminate\Support\Facades\Event;
use Illuminate\Support\ServiceProvider;

class AppServiceProvider extends ServiceProvider
{
    public function boot(): void
    {
        Model::preventLazyLoading(! app()->isProduction());
        Product::observe(OrderObserver::class);
        Blade::component('orders.show', 'order-box');
        Event::listen(\App\Events\OrderPaid::class, \App\Listeners\Stock::class);
    }
}
