<?php

namespace App\Policies;

use App\Models\KnowledgeDocument;
use App\Models\User;

class KnowledgeDocumentPolicy
{
    public function view(User $user, KnowledgeDocument $document): bool
    {
        return $document->isVisibleTo($user);
    }

    public function update(User $user, KnowledgeDocument $document): bool
    {
        return $document->user_id === $user->id || ($user->isAdmin() && $document->team_id === $user->team_id);
    }
}
