<?php

namespace Acme\Models;

class Invoice extends Missing\Base
{
    protected $fillable = ['total'];
    public function user() { return $this->belongsTo(\App\User::class); }
}
