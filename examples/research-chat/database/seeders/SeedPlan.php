<?php

namespace Database\Seeders;

use Illuminate\Support\Carbon;

/** How many rows of each kind, and who owns them. */
final class SeedPlan
{
    private function __construct(
        public readonly int $users,
        public readonly int $agents,
        public readonly int $documents,
        public readonly int $sessions,
        public readonly int $longChat,
        public readonly int $executions,
        public readonly int $notes,
        public readonly Carbon $today,
    ) {
    }

    public static function of(string $size): self
    {
        $today = Carbon::now()->startOfDay();

        return $size === 'small'
            ? new self(12, 6, 50, 24, 120, 90, 30, $today)
            : new self(100, 20, 10000, 600, 5000, 6000, 900, $today);
    }

    /** The first 60 % of the users are in team 1; user 2 owns nothing. */
    public function teamOf(int $userId): int
    {
        return $userId <= (int) ceil($this->users * 0.6) ? 1 : 2;
    }

    /** An owner drawn with skew: user 1 gets 40 %, low ids more than high ones, user 2 none. */
    public function owner(): int
    {
        if (mt_rand(1, 100) <= 40) {
            return 1;
        }

        return 3 + (int) floor(($this->users - 2) * (mt_rand(0, 9999) / 10000) ** 2);
    }

    /** A moment in the last $days days. */
    public function moment(int $days): Carbon
    {
        return $this->today->copy()->addHours(9)->subMinutes(mt_rand(0, $days * 1440));
    }
}
