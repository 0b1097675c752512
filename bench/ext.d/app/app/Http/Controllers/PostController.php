<?php

namespace App\Http\Controllers;

use App\Models\Author;
use App\Models\Post;

class PostController extends Controller
{
    // 2 queries and 182 rows here, 18 queries of a row each by lazy loads in the view
    public function index()
    {
        return view('posts', ['posts' => Post::limit(18)->get(), 'authors' => Author::limit(164)->get()]);
    }
}
