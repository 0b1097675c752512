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

class TrapController
{
    public function siblings()
    {
        foreach (Post::orderBy('id')->get() as $post) {
            echo $post->siblings->count();
        }
    }

    public function reactions()
    {
        foreach (Post::orderBy('id')->get() as $post) {
            echo $post->reactions->count();
        }
    }

    public function latest()
    {
        foreach (User::orderBy('id')->cursor() as $user) {
            echo $user->team?->name;
        }
    }

    public function scope(Request $request)
    {
        foreach (Post::withOwnComments($request->user())->get() as $post) {
            foreach ($post->comments as $comment) {
                echo $comment->author->name;
            }
        }
    }

    public function modelWith()
    {
        foreach (Category::orderBy('id')->get() as $category) {
            echo $category->owner->team?->name;
        }
    }

    public function numbered()
    {
        foreach (Post::orderBy('id')->get() as $number => $post) {
            $user = $post->user;
            $user->name = $number.' '.$user->name;
            echo $user->name;
        }
    }

    public function helper()
    {
        foreach (Post::orderBy('id')->get() as $post) {
            $this->mark($post->user);
            echo $post->user->name;
        }
    }

    public function firstOnly()
    {
        foreach (Post::orderBy('id')->get() as $i => $post) {
            if ($i === 0) {
                echo $post->user->name;
            }
        }
    }

    public function broken()
    {
        foreach (Post::orderBy('id')->get() as $post) {
            if ($post->views > 100) {
                echo $post->user->name;
                break;
            }
        }
    }

    public function rebound()
    {
        foreach (Post::orderBy('id')->get() as $post) {
            $post->user_id = 1;
            echo $post->user->name;
        }
    }

    public function raw()
    {
        foreach (Post::orderBy('id')->get() as $post) {
            echo $post->user->name;
            DB::update('update users set name = ? where id = ?', ['seen', $post->user_id]);
        }
    }

    public function sent()
    {
        $posts = Post::orderBy('id')->get();
        foreach ($posts as $post) {
            if ($post->views > 100) {
                $post->label = $post->user->name;
            }
        }

        return $posts;
    }

    public function retrieved()
    {
        foreach (Product::orderBy('id')->get() as $product) {
            echo $product->visit->id;
        }
    }

    public function morph()
    {
        foreach (Image::orderBy('id')->get() as $image) {
            echo $image->imageable->title;
        }
    }

    public function list(Request $request)
    {
        $with = $request->boolean('tags') ? ['tags'] : ['user:id'];
        foreach (Post::with($with)->get() as $post) {
            echo $post->category?->name;
        }
    }

    public function strings()
    {
        foreach (Post::query()->select('id', 'title')->get() as $post) {
            echo $post->user->name;
        }
    }

    public function conditionalLoad(Request $request)
    {
        $posts = Post::when($request->mine, fn ($query) => $query->with(['user' => fn ($user) => $user->where('active', true)]))->get();
        foreach ($posts as $post) {
            echo $post->user?->name;
        }
    }

    private function mark(User $user): void
    {
        $user->name .= '!';
    }
}
