<?php

namespace App\Models\Builders;

use Illuminate\Database\Eloquent\Builder;

class RoomBuilder extends Builder
{
    public function orderBy($column, $direction = 'asc')
    {
        return parent::orderBy($column, $direction);
    }
}
