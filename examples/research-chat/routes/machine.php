<?php

use App\Http\Controllers\DocumentFileController;
use App\Http\Controllers\MetricsController;
use Illuminate\Support\Facades\Route;

// For machines: no session, no cookie.

Route::get('/metrics', MetricsController::class)->name('metrics');
Route::get('/files/{document}', [DocumentFileController::class, 'shared'])->name('files.shared')->whereNumber('document');
