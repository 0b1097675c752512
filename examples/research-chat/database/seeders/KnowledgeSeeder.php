<?php

namespace Database\Seeders;

use App\Models\KnowledgeDocument;
use Illuminate\Database\Seeder;
use Illuminate\Support\Facades\DB;
use Illuminate\Support\Str;

class KnowledgeSeeder extends Seeder
{
    private const TAGS = [
        'climate', 'energy', 'health', 'machine learning', 'genomics', 'materials', 'policy', 'statistics', 'ecology',
        'neuroscience', 'economics', 'education', 'methods', 'replication', 'survey', 'data set', 'field work', 'theory',
        'imaging', 'long-term', 'open science', 'ethics', 'funding', 'review',
    ];

    private const SOURCES = [
        ['Journal of Applied Systems', 'journal'], ['Open Preprints', 'web'], ['Lab notebooks', 'internal'],
        ['Field uploads', 'upload'], ['Annual reports', 'internal'], ['Conference proceedings', 'journal'],
    ];

    /** Rows per insert: 21 columns stay far under every engine's parameter limit. */
    private const CHUNK = 400;

    public function run(SeedPlan $plan): void
    {
        mt_srand(22);
        $this->sourcesAndTags($plan);
        $this->documents($plan);
        $this->notes($plan);

        SequenceReset::run(['sources', 'tags', 'knowledge_documents', 'notes']);
    }

    private function sourcesAndTags(SeedPlan $plan): void
    {
        $sources = [];
        foreach ([1, 2] as $team) {
            foreach (self::SOURCES as [$name, $kind]) {
                $sources[] = [
                    'id' => count($sources) + 1, 'team_id' => $team, 'name' => $name, 'kind' => $kind,
                    'url' => $kind === 'internal' ? null : 'https://'.Str::slug($name).'.example.org',
                    'created_at' => $plan->today, 'updated_at' => $plan->today,
                ];
            }
        }
        DB::table('sources')->insert($sources);

        DB::table('tags')->insert(array_map(
            fn (int $i, string $name) => ['id' => $i + 1, 'name' => $name, 'slug' => Str::slug($name)],
            array_keys(self::TAGS), self::TAGS,
        ));
    }

    private function documents(SeedPlan $plan): void
    {
        $dimensions = (int) config('research.ai.embedding_dimensions');
        $rows = $tags = [];

        for ($id = 1; $id <= $plan->documents; $id++) {
            $rows[] = $this->document($plan, $id, $dimensions);
            foreach (array_rand(self::TAGS, mt_rand(2, 4)) as $tag) {
                $tags[] = ['knowledge_document_id' => $id, 'tag_id' => $tag + 1];
            }
            if (count($rows) === self::CHUNK || $id === $plan->documents) {
                DB::transaction(function () use ($rows, $tags) {
                    DB::table('knowledge_documents')->insert($rows);
                    DB::table('document_tag')->insert($tags);
                });
                $rows = $tags = [];
            }
        }
    }

    private function document(SeedPlan $plan, int $id, int $dimensions): array
    {
        $owner = $plan->owner();
        $team = $plan->teamOf($owner);
        $content = implode("\n\n", [Prose::paragraph(6), Prose::paragraph(7), Prose::paragraph(5)]);
        $hash = hash('sha256', $content);
        $created = $plan->moment(360);
        $embedded = mt_rand(1, 100) <= 85;
        $status = mt_rand(1, 100);

        return [
            'id' => $id, 'team_id' => $team, 'user_id' => $owner,
            'source_id' => mt_rand(1, 10) === 1 ? null : ($team - 1) * 6 + mt_rand(1, 6),
            'title' => Prose::title(), 'description' => Prose::sentence(mt_rand(14, 24)), 'content' => $content,
            'content_type' => KnowledgeDocument::TYPES[mt_rand(0, 4)],
            'privacy_level' => ['private', 'private', 'team', 'team', 'team', 'team', 'team', 'public', 'public', 'public'][mt_rand(0, 9)],
            'status' => $status <= 80 ? 'indexed' : ($status <= 92 ? 'draft' : 'archived'),
            'file_path' => mt_rand(1, 4) === 1 ? "documents/{$id}.txt" : null,
            'word_count' => substr_count($content, ' ') + 1, 'content_hash' => $hash,
            'embedding' => $embedded ? Prose::vector($dimensions) : null,
            'embedding_hash' => $embedded ? $hash : null,
            'embedding_generated_at' => $embedded ? $created : null,
            'expires_at' => mt_rand(1, 12) === 1 ? $plan->today->copy()->addDays(mt_rand(-60, 300)) : null,
            'created_at' => $created, 'updated_at' => $created,
        ];
    }

    private function notes(SeedPlan $plan): void
    {
        $rows = [];
        for ($id = 1; $id <= $plan->notes; $id++) {
            $at = $plan->moment(90);
            $rows[] = [
                'id' => $id, 'user_id' => $plan->owner(), 'notable_type' => 'document',
                // The first document collects many notes, the rest a few each.
                'notable_id' => $id % 10 === 0 ? 1 : mt_rand(1, min($plan->documents, 400)),
                'body' => Prose::paragraph(mt_rand(1, 2)), 'created_at' => $at, 'updated_at' => $at,
            ];
        }
        foreach (array_chunk($rows, self::CHUNK) as $chunk) {
            DB::table('notes')->insert($chunk);
        }
    }
}
