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

class CountController
{
    public function blade()
    {
        return view('posts.counts', ['posts' => Post::latest('id')->paginate(20)]);
    }

    public function compared()
    {
        foreach (Post::with('user')->orderBy('id')->get() as $post) {
            if ($post->comments()->count() > 3 || $post->comments()->count() === 0) {
                echo $post->user->name;
            }
        }
    }

    public function exists()
    {
        foreach (Post::orderBy('id')->get() as $post) {
            echo $post->comments()->exists() ? 'yes' : 'no';
        }
    }

    public function none()
    {
        foreach (Post::orderBy('id')->get() as $post) {
            echo $post->comments()->doesntExist() ? 'no' : 'yes';
        }
    }

    public function sum()
    {
        foreach (Post::orderBy('id')->get() as $post) {
            echo $post->comments()->sum('stars') / 2;
        }
    }

    public function conditional()
    {
        foreach (Post::withCount('tags')->orderBy('id')->get() as $post) {
            echo $post->comments()->where('approved', true)->count();
        }
    }

    public function scoped()
    {
        foreach (Post::orderBy('id')->get() as $post) {
            echo $post->comments()->approved()->count();
        }
    }

    public function method()
    {
        foreach (Post::orderBy('id')->get() as $post) {
            echo $post->commentTotal();
        }
    }

    public function grouped()
    {
        foreach (Post::groupBy('user_id')->get() as $post) {
            echo $post->comments()->count();
        }
    }

    public function json()
    {
        $posts = Post::orderBy('id')->get();
        foreach ($posts as $post) {
            $post->size = $post->comments()->count() > 5 ? 'big' : 'small';
        }

        return response()->json($posts);
    }

    public function variable(Request $request)
    {
        foreach (Post::orderBy('id')->get() as $post) {
            echo $post->comments()->where('user_id', $request->user()->id)->count();
        }
    }

    public function parts()
    {
        foreach (Post::orderBy('id')->get() as $post) {
            echo $post->comments()->where('approved', false)->count();
            echo $post->comments()->where('stars', '>', 3)->whereNotNull('user_id')->count();
            echo $post->comments()->where('stars', '<', 3)->whereNull('user_id')->count();
        }
    }

    public function either(Request $request)
    {
        $posts = Post::orderBy('id')->get();
        if ($request->boolean('mine')) {
            $posts = $request->user()->posts;
        }
        foreach ($posts as $post) {
            echo $post->comments()->count();
        }
    }

    public function shared()
    {
        return view('posts.shared', ['posts' => Post::orderBy('id')->paginate(10)]);
    }

    public function sharedToo()
    {
        return view('posts.shared', ['posts' => Post::withCount('comments')->orderBy('id')->paginate(20)]);
    }
}
