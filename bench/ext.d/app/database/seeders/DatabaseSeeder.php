<?php

namespace Database\Seeders;

use App\Models\Author;
use App\Models\Post;
use Illuminate\Database\Seeder;

class DatabaseSeeder extends Seeder
{
    public function run(): void
    {
        for ($i = 1; $i <= 200; $i++) {
            Author::create(['name' => "Author $i"]);
            Post::create(['author_id' => $i, 'title' => "Post $i", 'body' => str_repeat('text ', 40)]);
        }
    }
}
