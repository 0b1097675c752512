<?php

namespace Database\Factories;

use App\Models\Team;
use App\Models\User;
use Illuminate\Database\Eloquent\Factories\Factory;
use Illuminate\Support\Facades\Hash;
use Illuminate\Support\Str;

/** @extends Factory<User> */
class UserFactory extends Factory
{
    private static ?string $password = null;

    public function definition(): array
    {
        return [
            'team_id' => Team::factory(),
            'name' => fake()->firstName().' '.fake()->lastName(),
            'email' => fake()->unique()->userName().'@example.test',
            'password' => self::$password ??= Hash::make('password'),
            'role' => 'researcher',
            'title' => 'Researcher',
            'is_active' => true,
            'remember_token' => Str::random(10),
        ];
    }

    public function admin(): static
    {
        return $this->state(['role' => 'admin']);
    }
}
