<?php

namespace App\Services;

use App\Models\Agent;
use App\Models\KnowledgeDocument;
use App\Models\User;
use App\Repositories\OptimizedKnowledgeRepository;

/** What an agent is told: its instructions, its tools, and the documents that fit the question. */
class AgentContext
{
    private const DOCUMENTS = 6;

    public function __construct(private OptimizedKnowledgeRepository $documents)
    {
    }

    /** @return list<array{role: string, content: string}> */
    public function messages(Agent $agent, string $query, ?User $user): array
    {
        $agent->loadMissing(['tools:id,name,description', 'knowledgeDocuments:id,title,description']);

        $found = $this->documents
            ->findRelevantDocuments($query, self::DOCUMENTS, ['match' => 'any'], $user)
            ->concat($agent->knowledgeDocuments)
            ->unique('id')
            ->take(self::DOCUMENTS * 2);

        $reading = $found->map(fn (KnowledgeDocument $document) => "- {$document->title}: {$document->description}")->implode("\n");
        $tools = $agent->tools->map(fn ($tool) => "- {$tool->name}: {$tool->description}")->implode("\n");

        return [
            ['role' => 'system', 'content' => "{$agent->system_prompt}\n\nTools:\n{$tools}\n\nDocuments:\n{$reading}"],
            ['role' => 'user', 'content' => $query],
        ];
    }
}
