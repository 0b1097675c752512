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

class ListController
{
    public function viaService(PostLister $lister)
    {
        return view('posts.index', ['posts' => $lister->recent()]);
    }

    public function viaRelation(User $user)
    {
        foreach ($user->posts()->get() as $post) {
            echo $post->category->name;
        }
    }

    public function bound(User $user)
    {
        return view('posts.user', compact('user'));
    }

    public function simple()
    {
        $posts = Post::published()->simplePaginate(20);

        return view('posts.index', ['posts' => $posts]);
    }

    public function cursor()
    {
        $posts = Post::orderBy('id')->cursorPaginate(20);
        foreach ($posts as $post) {
            echo $post->user->name;
        }
    }

    public function staticCall()
    {
        foreach (Post::paginate(30) as $key => $post) {
            echo $key, $post->user->name;
        }
    }

    public function whenHead(Request $request)
    {
        $query = Post::query()->when($request->q, fn ($query, $q) => $query->where('title', $q));
        $query->latest('id');

        return view('posts.index', ['posts' => $query->paginate(20)]);
    }

    public function mapped()
    {
        return view('plain', ['names' => Post::latest('id')->limit(20)->get()->map(fn (Post $post) => $post->user->name)]);
    }

    public function pipeline()
    {
        $names = Post::latest('id')->take(50)->get()
            ->filter(fn ($post) => $post->views > 3)
            ->map(function ($post) {
                return $post->user->name;
            });

        return view('plain', compact('names'));
    }

    public function arrayMap()
    {
        $posts = Post::query()->orderBy('id')->get();
        $names = array_map(fn ($post) => $post->user->name, $posts->all());

        return view('plain', compact('names'));
    }

    public function nested()
    {
        foreach (User::where('active', true)->get() as $user) {
            foreach ($user->posts as $post) {
                echo $post->category->name;
            }
        }
    }

    public function nestedClosure()
    {
        $users = User::with(['posts' => fn ($posts) => $posts->where('published', true)])->get();
        foreach ($users as $user) {
            foreach ($user->posts as $post) {
                echo $post->category?->name;
            }
        }
    }

    public function nestedPair()
    {
        $users = User::query()->with('posts', function ($posts) {
            $posts->latest();
        })->get();
        foreach ($users as $user) {
            foreach ($user->posts as $post) {
                echo $post->category?->name;
            }
        }
    }

    public function resource()
    {
        return PostResource::collection(Post::where('views', '>', 3)->orderBy('id')->get());
    }

    public function accessor()
    {
        return view('posts.excerpts', ['posts' => Post::with('tags')->orderBy('id')->paginate(25)]);
    }

    public function whileLoop()
    {
        $posts = Post::orderBy('id')->get();
        for ($i = 0; $i < $posts->count(); $i++) {
            echo $posts[$i]->user->name;
        }
    }

    public function chunked()
    {
        Post::orderBy('id')->chunk(100, function ($posts) {
            foreach ($posts as $post) {
                echo $post->user->name;
            }
        });
    }

    public function component()
    {
        return view('posts.cards', ['posts' => Post::latest('id')->get()]);
    }

    public function loaded(User $user)
    {
        $user->load('posts');
        foreach ($user->posts as $post) {
            echo $post->category?->name;
        }
    }

    public function two()
    {
        foreach (Post::orderBy('id')->get() as $post) {
            echo $post->user->name, $post->category?->name;
        }
    }
}
