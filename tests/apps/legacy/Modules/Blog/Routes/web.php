<?php

Route::prefix('blog')->group(function () {
    Route::get('/', 'Modules\Blog\Http\Controllers\BlogController@list');
});
