<?php

namespace Database\Seeders;

use Illuminate\Database\Seeder;

/**
 * Two teams with realistic skew: the first user owns 40 % of everything, the second owns nothing,
 * the rest follow a long tail. SEED_SIZE=small gives 50 documents, the default 10,000. The same
 * size always gives the same rows (times are counted back from the start of today).
 */
class DatabaseSeeder extends Seeder
{
    public function run(): void
    {
        $plan = SeedPlan::of((string) config('research.seed_size'));

        $this->callWith(PeopleSeeder::class, ['plan' => $plan]);
        $this->callWith(KnowledgeSeeder::class, ['plan' => $plan]);
        $this->callWith(AgentSeeder::class, ['plan' => $plan]);
        $this->callWith(ChatSeeder::class, ['plan' => $plan]);
        $this->callWith(ExecutionSeeder::class, ['plan' => $plan]);
    }
}
