<?php

namespace App\Repositories;

use App\Models\Room;

abstract class Repository
{
    public function __construct(protected Room $model) {}

    public function byId(int $id): Room
    {
        return $this->model->findOrFail($id);
    }
}
