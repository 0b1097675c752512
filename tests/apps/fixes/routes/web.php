<?php

use App\Http\Controllers\BookController;
use App\Http\Controllers\SqlController;
use Illuminate\Support\Facades\Route;

Route::get('/books', [BookController::class, 'index']);
Route::get('/books/all', [BookController::class, 'all']);
Route::get('/books/merged', [BookController::class, 'merged']);
Route::get('/books/constrained', [BookController::class, 'constrained']);
Route::get('/books/narrow', [BookController::class, 'narrow']);
Route::get('/authors/{author}', [BookController::class, 'loaded']);
Route::get('/country', [BookController::class, 'country']);
Route::get('/counted', [BookController::class, 'counted']);
Route::get('/counted-some', [BookController::class, 'countedSome']);
Route::get('/total', [SqlController::class, 'total']);
Route::get('/limited', [SqlController::class, 'limited']);
Route::get('/none', [SqlController::class, 'none']);
Route::get('/today', [SqlController::class, 'today']);
Route::get('/since/{day}', [SqlController::class, 'since']);
Route::get('/names', [SqlController::class, 'names']);
Route::post('/publish', [SqlController::class, 'publish']);
Route::post('/number', [SqlController::class, 'number']);
