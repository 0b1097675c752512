<?php

namespace App\Models;

class Line extends Model
{
    public $timestamps = false;
    protected $table = 'order_lines';
    protected $primaryKey = 'line_id';
    protected $touches = ['order'];

    public function order() { return $this->belongsTo(Order::class); }
    public function product() { return $this->belongsTo(Product::class, 'sku', 'sku'); }
    public function images() { return $this->morphMany(Image::class, 'imageable'); }
}
