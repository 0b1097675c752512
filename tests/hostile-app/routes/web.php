<?php

// Pages that a driver visits; what a private instance must stop is under /h/ (App\Hostile).

use App\Hostile;
use App\Models\Post;
use App\Models\User;
use Illuminate\Support\Facades\Cache;
use Illuminate\Support\Facades\Mail;
use Illuminate\Support\Facades\Route;

Route::get('/', fn () => 'home '.Post::count())->name('home');
Route::get('/login', fn () => 'login form')->middleware('guest')->name('login');
Route::get('/broken', fn () => view('does-not-exist'));
Route::get('/mixed', fn () => 'built as '.mix('app.js'));
Route::get('/join', fn () => auth()->check() ? redirect('/posts?from='.Post::count()) : 'join us');
Route::get('/private/{post}', fn (Post $post) => abort(403));

Route::middleware('auth')->group(function () {
    Route::get('/posts', fn () => view('posts', ['posts' => Post::limit(20)->get()]));
    Route::get('/posts/{post}', fn (Post $post) => $post->title.$post->user->name);
    Route::get('/news/{item}', fn (string $item) => Post::where('slug', $item)->firstOrFail()->title);
    Route::get('/by/{user:name}/posts', fn (User $user) => $user->posts()->count());
    Route::get('/year/{year}', fn ($year) => "year $year");
    Route::get('/unknown/{thing}', fn ($thing) => $thing);
    Route::get('/live', fn () => view('live'));
    Route::get('/cached', fn () => Cache::remember('k', 60, fn () => Post::max('id')));
    Route::get('/throttled', fn () => 'ok')->middleware('throttle:1,1');
    Route::get('/confirmed', fn () => 'ok')->middleware('password.confirm');
    Route::get('/hang', fn () => sleep(60));
    Route::get('/unsubscribe', fn () => Post::where('id', 500)->delete() ? 'gone' : abort(410));
    Route::get('/mails', function () {
        Mail::raw('hi', fn ($m) => $m->to('real@example.com')->subject('x'));

        return 'sent';
    });
    Route::get('/logout', fn () => tap('bye', fn () => auth()->logout()));
});

Route::get('/h/{what}', Hostile::class);
