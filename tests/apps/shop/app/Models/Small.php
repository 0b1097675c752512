<?php

namespace App\Models;

class Tag extends Model { public function orders() { return $this->morphedByMany(Order::class, 'taggable'); } }
class Image extends Model { public function imageable() { return $this->morphTo(); } }
class Note extends Model {}
class Payment extends Model { public function order() { return $this->belongsTo(Order::class); } }
class ProductList extends \Illuminate\Database\Eloquent\Collection {}
class OrderProduct extends \Illuminate\Database\Eloquent\Relations\Pivot {}
