<?php

namespace App\Providers;

use Illuminate\Database\Schema\Blueprint;
use Illuminate\Foundation\Support\Providers\RouteServiceProvider as ServiceProvider;
use Illuminate\Support\Facades\Route;

class RouteServiceProvider extends ServiceProvider
{
    protected $namespace = 'App\Http\Controllers';

    public function boot()
    {
        Blueprint::macro('audit', function ($by) {
            $this->unsignedInteger($by)->nullable()->index();
            $this->string('ip', 45);
        });
    }

    public function map() { $this->mapWebRoutes(); }

    protected function mapWebRoutes()
    {
        Route::middleware('web')->namespace($this->namespace)->group(base_path('routes/web.php'));
    }
}
