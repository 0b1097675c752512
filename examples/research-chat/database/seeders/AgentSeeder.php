<?php

namespace Database\Seeders;

use App\Models\Agent;
use Illuminate\Database\Seeder;
use Illuminate\Support\Facades\DB;

class AgentSeeder extends Seeder
{
    private const NAMES = [
        'Literature scout', 'Evidence grader', 'Methods critic', 'Data extractor', 'Citation checker', 'Trend watcher',
        'Grant drafter', 'Protocol writer', 'Peer reviewer', 'Cohort analyst', 'Claim tracer', 'Term harmoniser',
        'Figure reader', 'Table miner', 'Bias detector', 'Replication planner', 'Policy briefer', 'Question refiner',
        'Glossary keeper', 'Weekly digester',
    ];

    private const TOOLS = [
        ['Knowledge search', 'knowledge-search', 'Searches the team\'s documents.'],
        ['Web reader', 'web-reader', 'Reads a page and returns its text.'],
        ['Calculator', 'calculator', 'Evaluates arithmetic.'],
        ['Citation index', 'citation-index', 'Looks up who cites whom.'],
        ['Table parser', 'table-parser', 'Turns tables into rows.'],
        ['Chart maker', 'chart-maker', 'Draws a chart from rows.'],
        ['Translator', 'translator', 'Translates abstracts.'],
        ['Statistics', 'statistics', 'Runs common tests.'],
    ];

    public function run(SeedPlan $plan): void
    {
        mt_srand(33);

        DB::table('tools')->insert(array_map(
            fn (int $i, array $tool) => ['id' => $i + 1, 'name' => $tool[0], 'slug' => $tool[1], 'description' => $tool[2]],
            array_keys(self::TOOLS), self::TOOLS,
        ));

        $documents = [
            1 => DB::table('knowledge_documents')->where('team_id', 1)->where('privacy_level', '!=', 'private')->orderBy('id')->limit(400)->pluck('id')->all(),
            2 => DB::table('knowledge_documents')->where('team_id', 2)->where('privacy_level', '!=', 'private')->orderBy('id')->limit(400)->pluck('id')->all(),
        ];
        $agents = $tools = $links = [];
        for ($id = 1; $id <= $plan->agents; $id++) {
            $team = $id <= (int) ceil($plan->agents * 0.7) ? 1 : 2;
            $at = $plan->moment(300);
            $agents[] = [
                'id' => $id, 'team_id' => $team,
                'user_id' => $team === 1 ? [1, 1, 3][$id % 3] : (int) ceil($plan->users * 0.6) + 1,
                'name' => self::NAMES[$id - 1], 'type' => Agent::TYPES[$id % 5],
                'description' => 'Works on '.Prose::field().'. '.Prose::sentence(9),
                'system_prompt' => 'You are '.self::NAMES[$id - 1].". Answer from the given documents, name them, and say what is not known.\n".Prose::paragraph(4),
                'model' => ['gpt-4o-mini', 'gpt-4o', 'claude-sonnet'][$id % 3], 'temperature' => [0.1, 0.2, 0.5][$id % 3],
                'is_active' => $id % 9 !== 0, 'created_at' => $at, 'updated_at' => $at,
            ];
            foreach (array_rand(self::TOOLS, mt_rand(2, 5)) as $tool) {
                $tools[] = ['agent_id' => $id, 'tool_id' => $tool + 1];
            }
            foreach ((array) array_rand(array_flip($documents[$team]), min(12, count($documents[$team]))) as $document) {
                $links[] = ['agent_id' => $id, 'knowledge_document_id' => $document];
            }
        }
        DB::table('agents')->insert($agents);
        DB::table('agent_tool')->insert($tools);
        DB::table('agent_knowledge_document')->insert($links);

        SequenceReset::run(['tools', 'agents']);
    }
}
