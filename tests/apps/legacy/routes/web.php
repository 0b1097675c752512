<?php

$prefix = 'manage';

Route::get('home', 'HomeController@index')->name('home');
Route::group(['namespace' => 'Admin', 'prefix' => $prefix, 'as' => 'admin.'], function () {
    Route::resource('user-groups', 'HomeController', ['only' => ['edit'], 'parameters' => ['user-groups' => 'group']]);
});
Auth::routes(['register' => false]);
$open = Route::prefix('open');
$open->group(function () {
    Route::get('x/' . getenv('X'), 'HomeController@index');
    Route::any('y', 'HomeController');
});
