<?php

namespace App\Models;

use Illuminate\Database\Eloquent\Model;
use App\Observers\OrderObserver;
use Illuminate\Database\Eloquent\Attributes\ObservedBy;

#[ObservedBy(OrderObserver::class)]
class Order extends Model
{
    public function customer()
    {
        return $this->belongsTo(User::class);
    }
}
