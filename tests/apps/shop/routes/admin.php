<?php

Route::group(['prefix' => 'stock', 'as' => 'stock.', 'middleware' => 'can:admin'], function ($router) {
    $router->get('{product}', ['uses' => 'OrderController@stock', 'as' => 'show']);
    Route::singleton('profile', \App\Http\Controllers\OrderController::class);
});
