<?php

namespace Modules\Blog;

use Kit\Record;

class Post extends Record
{
    public function getTable() { return config('kit.tables')['posts']; }
    public function drafts() { return $this->filtered(Post::class, 'state'); }
    private function filtered($model, $column) { return $this->hasMany($model)->where($column, 'draft'); }
}
