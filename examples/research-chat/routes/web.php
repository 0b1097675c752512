<?php

use App\Http\Controllers\AgentController;
use App\Http\Controllers\ChatController;
use App\Http\Controllers\ChatStreamController;
use App\Http\Controllers\DashboardController;
use App\Http\Controllers\DocumentFileController;
use App\Http\Controllers\KnowledgeController;
use App\Http\Controllers\LoginController;
use App\Http\Controllers\ReportController;
use App\Http\Controllers\SettingsController;
use App\Http\Controllers\TeamController;
use App\Http\Controllers\TranscriptController;
use Illuminate\Support\Facades\Route;

Route::redirect('/', '/dashboard');

Route::middleware('guest')->group(function () {
    Route::get('/login', [LoginController::class, 'create'])->name('login');
    Route::post('/login', [LoginController::class, 'store'])->name('login.store');
});

Route::middleware('auth')->group(function () {
    Route::post('/logout', [LoginController::class, 'destroy'])->name('logout');

    Route::get('/dashboard', DashboardController::class)->name('dashboard');

    Route::get('/dashboard/research-chat', [ChatController::class, 'index'])->name('chat.index');
    Route::get('/dashboard/research-chat/{session}', [ChatController::class, 'show'])->name('chat.show')->can('view', 'session');
    Route::get('/sessions/{session}/stream', ChatStreamController::class)->name('chat.stream')->can('view', 'session');
    Route::get('/sessions/{session}/transcript', TranscriptController::class)->name('chat.transcript')->can('view', 'session');

    Route::get('/knowledge', [KnowledgeController::class, 'index'])->name('knowledge.index');
    Route::get('/knowledge/{document}', [KnowledgeController::class, 'show'])->name('knowledge.show')->can('view', 'document');
    Route::get('/knowledge/{document}/file', [DocumentFileController::class, 'show'])->name('knowledge.file')->can('view', 'document');

    Route::get('/agents', [AgentController::class, 'index'])->name('agents.index');
    Route::get('/agents/{agent}', [AgentController::class, 'show'])->name('agents.show')->can('view', 'agent');

    Route::get('/team', TeamController::class)->name('team.index');
    Route::get('/reports', ReportController::class)->name('reports.index')->middleware('admin');
    Route::get('/settings', SettingsController::class)->name('settings');
});
