<?php

namespace App\Http\Controllers;

use App\Enums\Status;
use App\Http\Resources\PostResource;
use App\Models\Category;
use App\Models\Comment;
use App\Models\Image;
use App\Models\Order;
use App\Models\Post;
use App\Models\Product;
use App\Models\Team;
use App\Models\User;
use App\Services\PostLister;
use Illuminate\Http\Request;
use Illuminate\Support\Facades\Cache;
use Illuminate\Support\Facades\DB;
use Illuminate\Support\Carbon;

class RowsController
{
    public function whereCount()
    {
        return view('plain', ['names' => Post::published()->get()->where('views', 7)->count()]);
    }

    public function chain(User $user)
    {
        $newest = $user->posts()->orderByDesc('id')->get()->where('lang', 'de')->first();

        return view('plain', ['names' => $newest]);
    }

    public function enum()
    {
        return view('plain', ['names' => Post::all()->where('status', Status::Live)->isNotEmpty()]);
    }

    public function variable()
    {
        $posts = Post::where('lang', 'de')->get();
        $total = $posts->sum('views');

        return view('plain', ['names' => $total]);
    }

    public function owner(User $user)
    {
        return view('plain', ['names' => Post::all()->where('user_id', $user->id)->values()]);
    }

    public function contains()
    {
        return view('plain', ['names' => Post::published()->get()->contains('lang', 'fr')]);
    }

    public function tied()
    {
        return view('plain', ['names' => Post::orderByDesc('views')->get()->first()]);
    }

    public function scopeLimit()
    {
        return view('plain', ['names' => Post::newest()->get()->count()]);
    }

    public function relationLimit(User $user)
    {
        return view('plain', ['names' => $user->latestPosts()->get()->count()]);
    }

    public function builderLimit()
    {
        $query = Post::query();
        $query->limit(10);

        return view('plain', ['names' => $query->get()->count()]);
    }

    public function nullish()
    {
        return view('plain', ['names' => Post::all()->where('score', 0)->count()]);
    }

    public function numericText()
    {
        return view('plain', ['names' => Post::all()->where('slug', '10')->count()]);
    }

    public function decimal()
    {
        return view('plain', ['names' => Post::all()->sum('price')]);
    }

    public function casted()
    {
        return view('plain', ['names' => Post::all()->max('published_at')]);
    }

    public function narrowed()
    {
        return view('plain', ['names' => Post::select(['id', 'title'])->get()->where('lang', 'de')->count()]);
    }

    public function pivot(Post $post)
    {
        return view('plain', ['names' => $post->tags()->get()->pluck('id')]);
    }

    public function keys()
    {
        return view('plain', ['names' => Post::all()->where('lang', 'de')->all()]);
    }

    public function dates(Carbon $day)
    {
        return view('plain', ['names' => Post::whereDate('created_at', '<=', $day)->whereDate('created_at', '>', '2024-02-28')->orderBy('id')->get()]);
    }

    public function dateLocal()
    {
        $from = now()->subMonth();

        return view('plain', ['names' => Post::whereDate('created_at', '>=', $from->toDateString())->count()]);
    }

    public function dateInput(Request $request)
    {
        return view('plain', ['names' => Post::whereDate('created_at', $request->day)->paginate()]);
    }

    public function dateNullable(?Carbon $day)
    {
        return view('plain', ['names' => Post::whereDate('created_at', '>', $day)->paginate()]);
    }

    public function either()
    {
        return view('plain', ['names' => Post::where('lang', 'de')->orWhere('lang', 'fr')->get()->where('views', 7)->count()]);
    }

    public function slugs()
    {
        return view('plain', ['names' => Post::all()->pluck('slug')]);
    }

    public function titles()
    {
        return view('plain', ['names' => Post::published()->orderBy('title')->get()->pluck('title')]);
    }

    public function unordered()
    {
        return view('plain', ['names' => Post::where('views', '>', 3)->get()->where('lang', 'de')->values()]);
    }

    public function dateUnordered()
    {
        return view('plain', ['names' => Post::whereDate('created_at', today())->get()]);
    }
}
