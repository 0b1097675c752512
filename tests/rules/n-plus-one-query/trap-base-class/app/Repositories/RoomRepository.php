<?php

namespace App\Repositories;

class RoomRepository extends Repository
{
}
