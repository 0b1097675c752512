<?php

use App\Http\Controllers\Api\AgentController;
use App\Http\Controllers\Api\DocumentController;
use App\Http\Controllers\Api\SessionController;
use Illuminate\Support\Facades\Route;

// For this application's own pages: the session signs in, the same as on them.

Route::get('/sessions', [SessionController::class, 'index'])->name('sessions.index');
Route::get('/sessions/{session}', [SessionController::class, 'show'])->name('sessions.show')->can('view', 'session');
Route::get('/sessions/{session}/messages', [SessionController::class, 'messages'])->name('sessions.messages')->can('view', 'session');

Route::get('/documents', [DocumentController::class, 'index'])->name('documents.index');
Route::post('/documents', [DocumentController::class, 'store'])->name('documents.store');
Route::get('/documents/search', [DocumentController::class, 'search'])->name('documents.search');
Route::patch('/documents/status', [DocumentController::class, 'updateStatus'])->name('documents.status');
Route::get('/documents/{document}', [DocumentController::class, 'show'])->name('documents.show')->whereNumber('document');

Route::get('/agents', [AgentController::class, 'index'])->name('agents.index');
Route::get('/agents/{agent}/executions', [AgentController::class, 'executions'])->name('agents.executions')->can('view', 'agent');
Route::post('/agents/{agent}/executions', [AgentController::class, 'run'])->name('agents.run')->can('view', 'agent');
