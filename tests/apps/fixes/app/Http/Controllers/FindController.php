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

class FindController
{
    public function keyed(array $quantities)
    {
        foreach ($quantities as $id => $quantity) {
            $product = Product::find($id);
            echo $product?->name, $quantity;
        }
    }

    public function index(Request $request)
    {
        foreach ($request->items as $item) {
            $product = Product::find($item['product_id']);
            echo $product->name;
        }
    }

    public function alias()
    {
        foreach (Post::orderBy('id')->get() as $post) {
            $key = $post->user_id;
            $user = User::query()->where('active', true)->find($key);
            echo $user?->name;
        }
    }

    public function unique(array $slugs)
    {
        foreach ($slugs as $slug) {
            $post = Post::where('slug', $slug)->first();
            echo $post?->title;
        }
    }

    public function value(array $ids)
    {
        $names = [];
        foreach ($ids as $id) {
            $names[$id] = User::where('id', $id)->value('name');
        }

        return $names;
    }

    public function mapped(array $ids)
    {
        $users = collect($ids)->map(fn ($id) => User::find($id));

        return view('plain', ['names' => $users]);
    }

    public function closure(array $ids)
    {
        $users = collect($ids)->map(function ($id) {
            return User::find($id);
        });

        return view('plain', ['names' => $users]);
    }

    public function arrayMap(array $ids)
    {
        return view('plain', ['names' => array_map(fn (int $id) => User::find($id)?->name, $ids)]);
    }

    public function orFail(array $ids)
    {
        foreach ($ids as $id) {
            echo User::findOrFail($id)->name;
        }
    }

    public function notUnique(array $names)
    {
        foreach ($names as $name) {
            echo User::where('name', $name)->first()?->email;
        }
    }

    public function changed(array $ids)
    {
        $list = [];
        foreach ($ids as $position => $id) {
            $product = Product::find($id);
            $product->name = $position.' '.$product->name;
            $list[] = $product;
        }

        return view('plain', ['names' => $list]);
    }

    public function depends(array $ids)
    {
        foreach ($ids as $id) {
            echo User::where('team_id', $id)->find($id)?->name;
        }
    }

    public function unbraced(array $ids)
    {
        if ($ids)
            foreach ($ids as $id)
                echo User::find($id)?->name;
    }

    public function cache(array $ids)
    {
        foreach ($ids as $id) {
            echo Cache::get('user.'.$id, 'nobody');
        }
    }

    public function cacheStore(array $ids)
    {
        return view('plain', ['names' => collect($ids)->map(fn ($id) => Cache::store('redis')->get("user:{$id}"))]);
    }

    public function cacheHelper(array $ids)
    {
        $names = [];
        foreach ($ids as $id) {
            $names[] = cache()->get('user.'.$id);
        }

        return view('plain', compact('names'));
    }

    public function cacheSame(array $ids)
    {
        foreach ($ids as $id) {
            $n = Cache::get('seen.'.$id);
            Cache::put('seen.'.$id, $n + 1);
        }
    }

    public function cacheTime(array $ids)
    {
        foreach ($ids as $id) {
            echo Cache::get('user.'.$id.microtime());
        }
    }

    public function once()
    {
        foreach (Post::orderBy('id')->cursor() as $post) {
            echo User::find($post->user_id)?->name;
        }
    }

    public function generated(\Generator $ids)
    {
        foreach ($ids as $id) {
            echo User::find($id)?->name;
        }
    }
}
