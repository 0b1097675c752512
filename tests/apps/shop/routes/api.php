<?php

use App\Http\Controllers\Api\CustomerController;
use Illuminate\Support\Facades\Route;

Route::apiResource('customers', CustomerController::class)->names('api.customers');
Route::apiResources(['admin/tags' => CustomerController::class]);
