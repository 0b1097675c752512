<?php

use App\Http\Controllers\OrderController;
use App\Http\Controllers\ReportController;
use App\Livewire\Orders\Board;
use Illuminate\Support\Facades\Route;
use Livewire\Volt\Volt;

Route::get('/', fn () => view('welcome'))->name('home');
Route::view('/about', 'about');
Route::redirect('/old', '/new');
Route::get('/report', ReportController::class)->name('report')->middleware('throttle:api');
Route::get('/board', Board::class);
Volt::route('/counter', 'counter');

Route::middleware(['auth', 'verified'])->group(function () {
    Route::resource('orders', OrderController::class)->only(['index', 'show']);
    Route::resource('orders.lines', OrderController::class)->except('create', 'edit')->shallow();
    Route::controller(OrderController::class)->prefix('carts')->name('carts.')->group(function () {
        Route::get('/', 'index')->name('index');
        Route::match(['get', 'post'], '{cart}/pay', 'pay')->name('pay');
    });
    foreach (['day', 'week'] as $span) {
        Route::get("charts/{$span}", [ReportController::class, 'chart'])->name('charts.'.$span);
    }
});

require __DIR__.'/auth.php';
