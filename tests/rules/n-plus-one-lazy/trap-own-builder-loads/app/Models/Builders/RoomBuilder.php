<?php

namespace App\Models\Builders;

use Illuminate\Database\Eloquent\Builder;

class RoomBuilder extends Builder
{
    public function listed(): static
    {
        return $this->where('open', true)->with('owner');
    }
}
