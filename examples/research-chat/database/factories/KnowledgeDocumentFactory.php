<?php

namespace Database\Factories;

use App\Models\KnowledgeDocument;
use App\Models\Team;
use App\Models\User;
use Illuminate\Database\Eloquent\Factories\Factory;

/** @extends Factory<KnowledgeDocument> */
class KnowledgeDocumentFactory extends Factory
{
    public function definition(): array
    {
        return [
            'team_id' => Team::factory(),
            'user_id' => fn (array $attributes) => User::factory()->create(['team_id' => $attributes['team_id']])->id,
            'title' => ucfirst(fake()->words(5, true)),
            'description' => fake()->sentence(12),
            'content' => fake()->sentence(30),
            'content_type' => fake()->randomElement(KnowledgeDocument::TYPES),
            'privacy_level' => 'public',
            'status' => 'indexed',
        ];
    }

    public function private(): static
    {
        return $this->state(['privacy_level' => 'private']);
    }

    public function team(): static
    {
        return $this->state(['privacy_level' => 'team']);
    }
}
