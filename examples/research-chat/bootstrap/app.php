<?php

use App\Http\Middleware\EnsureUserIsAdmin;
use App\Http\Middleware\ShareTeamSettings;
use Illuminate\Foundation\Application;
use Illuminate\Foundation\Configuration\Exceptions;
use Illuminate\Foundation\Configuration\Middleware;
use Illuminate\Http\Request;
use Illuminate\Support\Facades\Route;

return Application::configure(basePath: dirname(__DIR__))
    ->withRouting(
        web: __DIR__.'/../routes/web.php',
        commands: __DIR__.'/../routes/console.php',
        health: '/up',
        then: function () {
            Route::middleware(['web', 'auth'])->prefix('api')->name('api.')->group(__DIR__.'/../routes/api.php');
            Route::middleware([])->group(__DIR__.'/../routes/machine.php');
        },
    )
    ->withMiddleware(function (Middleware $middleware) {
        $middleware->web(append: [ShareTeamSettings::class]);
        $middleware->alias(['admin' => EnsureUserIsAdmin::class]);
        $middleware->redirectUsersTo('/dashboard');
    })
    ->withExceptions(function (Exceptions $exceptions) {
        $exceptions->shouldRenderJsonWhen(
            fn (Request $request) => $request->is('api/*') || $request->expectsJson()
        );
    })
    ->create();
