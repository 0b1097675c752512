<?php

namespace Database\Factories;

use App\Models\Agent;
use App\Models\Team;
use App\Models\User;
use Illuminate\Database\Eloquent\Factories\Factory;

/** @extends Factory<Agent> */
class AgentFactory extends Factory
{
    public function definition(): array
    {
        return [
            'team_id' => Team::factory(),
            'user_id' => fn (array $attributes) => User::factory()->create(['team_id' => $attributes['team_id']])->id,
            'name' => ucfirst(fake()->unique()->word()).' agent',
            'type' => 'summary',
            'description' => fake()->sentence(10),
            'system_prompt' => 'Answer briefly and name your sources.',
            'model' => 'gpt-4o-mini',
            'temperature' => 0.2,
            'is_active' => true,
        ];
    }

    public function research(): static
    {
        return $this->state(['type' => 'research']);
    }
}
