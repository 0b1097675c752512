<?php

namespace Database\Factories;

use App\Models\Tag;
use Illuminate\Database\Eloquent\Factories\Factory;

/** @extends Factory<Tag> */
class TagFactory extends Factory
{
    public function definition(): array
    {
        $slug = fake()->unique()->slug(2);

        return ['name' => str_replace('-', ' ', $slug), 'slug' => $slug];
    }
}
