<?php

namespace App\Filament\Resources;

use App\Models\Room;
use Filament\Tables\Columns\TextColumn;

class RoomResource extends \Filament\Resources\Resource
{
    protected static ?string $model = Room::class;

    public static function table($table)
    {
        return $table->columns([
            TextColumn::make('owner.name'),
            TextColumn::make('slug')->tooltip(fn (Room $record) => $record->owner->email),
        ]);
    }
}
