<?php

namespace App\Services;

use App\Models\Post;

class PostLister
{
    public function recent()
    {
        return Post::query()
            ->published()
            ->with([
                'tags:id,name',
                'category',
            ])
            ->latest('id')
            ->get();
    }
}
