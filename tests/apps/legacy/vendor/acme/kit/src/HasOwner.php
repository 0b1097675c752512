<?php

namespace Kit;

trait HasOwner
{
    public function owner() { return $this->belongsTo(config('auth.providers.users.model'), 'owner_id'); }
}
