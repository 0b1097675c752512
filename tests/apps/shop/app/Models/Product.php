<?php

namespace App\Models;

class Product extends Model
{
    protected static function booted() { static::addGlobalScope('live', fn ($q) => $q->where('live', true)); }
    public function newCollection(array $models = []) { return new ProductList($models); }
    public function orders() { return $this->belongsToMany(Order::class, 'order_product', 'product_key', 'order_key')->using(OrderProduct::class); }
}
