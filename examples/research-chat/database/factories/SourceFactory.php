<?php

namespace Database\Factories;

use App\Models\Source;
use App\Models\Team;
use Illuminate\Database\Eloquent\Factories\Factory;

/** @extends Factory<Source> */
class SourceFactory extends Factory
{
    public function definition(): array
    {
        return [
            'team_id' => Team::factory(),
            'name' => fake()->company().' Archive',
            'kind' => 'journal',
            'url' => 'https://'.fake()->domainName(),
        ];
    }
}
