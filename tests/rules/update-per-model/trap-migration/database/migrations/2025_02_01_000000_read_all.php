<?php

use App\Models\Message;
use Illuminate\Database\Migrations\Migration;

return new class extends Migration
{
    public function up(): void
    {
        foreach (Message::get() as $message) {
            $message->update(['read' => true]);
        }
    }
};
