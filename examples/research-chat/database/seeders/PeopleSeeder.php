<?php

namespace Database\Seeders;

use Illuminate\Database\Seeder;
use Illuminate\Support\Facades\DB;
use Illuminate\Support\Facades\Hash;

class PeopleSeeder extends Seeder
{
    private const FIRST = [
        'Elena', 'Jonas', 'Priya', 'Tomas', 'Amara', 'Felix', 'Ines', 'Kenji', 'Lucia', 'Mateo', 'Nadia', 'Oskar',
        'Petra', 'Quentin', 'Rosa', 'Samir', 'Talia', 'Ugo', 'Vera', 'Wanda', 'Yusuf', 'Zoe',
    ];

    private const LAST = [
        'Abel', 'Berg', 'Castro', 'Dumont', 'Eriksen', 'Farkas', 'Gupta', 'Horvat', 'Ito', 'Jansen', 'Keller', 'Lopez',
        'Moreau', 'Novak', 'Okafor', 'Petrov', 'Quist', 'Rossi', 'Silva', 'Tanaka', 'Urban', 'Vogel', 'Weiss',
    ];

    private const TITLES = ['Research lead', 'Data scientist', 'Research fellow', 'Analyst', 'Librarian', 'PhD candidate'];

    public function run(SeedPlan $plan): void
    {
        mt_srand(11);
        $created = $plan->today->copy()->subDays(400);

        DB::table('teams')->insert([
            ['id' => 1, 'name' => 'Helix Lab', 'slug' => 'helix-lab', 'plan' => 'institute', 'settings' => json_encode(['accent' => 'teal', 'weekly_digest' => true]), 'created_at' => $created, 'updated_at' => $created],
            ['id' => 2, 'name' => 'Northwind Institute', 'slug' => 'northwind-institute', 'plan' => 'lab', 'settings' => json_encode(['accent' => 'amber', 'weekly_digest' => false]), 'created_at' => $created, 'updated_at' => $created],
        ]);

        $password = Hash::make('password');
        $named = [
            1 => ['Ada Lindqvist', 'ada@research.test', 'admin', 'Head of research'],
            2 => ['Noor Haddad', 'noor@research.test', 'researcher', 'New member'],
            3 => ['Ben Achterberg', 'ben@research.test', 'researcher', 'Research fellow'],
            (int) ceil($plan->users * 0.6) + 1 => ['Marta Kowal', 'marta@research.test', 'admin', 'Programme manager'],
        ];

        $rows = [];
        for ($id = 1; $id <= $plan->users; $id++) {
            $name = self::FIRST[mt_rand(0, 21)].' '.self::LAST[mt_rand(0, 22)];
            [$name, $email, $role, $title] = $named[$id]
                ?? [$name, "user{$id}@research.test", 'researcher', self::TITLES[mt_rand(0, 5)]];
            $rows[] = [
                'id' => $id, 'team_id' => $plan->teamOf($id), 'name' => $name, 'email' => $email,
                'password' => $password, 'role' => $role, 'title' => $title, 'is_active' => $id % 17 !== 0,
                'last_login_at' => $plan->moment(40), 'created_at' => $created, 'updated_at' => $created,
            ];
        }
        DB::table('users')->insert($rows);

        SequenceReset::run(['teams', 'users']);
    }
}
