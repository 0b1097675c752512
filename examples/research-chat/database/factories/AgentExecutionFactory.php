<?php

namespace Database\Factories;

use App\Models\Agent;
use App\Models\AgentExecution;
use Illuminate\Database\Eloquent\Factories\Factory;

/** @extends Factory<AgentExecution> */
class AgentExecutionFactory extends Factory
{
    public function definition(): array
    {
        return [
            'agent_id' => Agent::factory(),
            'team_id' => fn (array $attributes) => Agent::find($attributes['agent_id'])->team_id,
            'user_id' => fn (array $attributes) => Agent::find($attributes['agent_id'])->user_id,
            'status' => 'completed',
            'query' => fake()->sentence(8),
            'response' => fake()->sentence(20),
            'endpoint' => 'primary',
            'duration_ms' => fake()->numberBetween(300, 4000),
            'prompt_tokens' => 400,
            'completion_tokens' => 150,
            'started_at' => now(),
            'completed_at' => now(),
        ];
    }
}
