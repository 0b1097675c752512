<?php

namespace App\Console\Commands;

use App\Models\Room;
use Illuminate\Console\Command;

class MailOwners extends Command
{
    protected $signature = 'rooms:mail';

    public function handle(): void
    {
        foreach (Room::where('open', true)->get() as $room) {
            $this->line($room->owner->email);
        }
    }
}
