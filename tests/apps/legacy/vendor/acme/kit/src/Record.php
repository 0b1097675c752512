<?php

namespace Kit;

abstract class Record extends \Illuminate\Database\Eloquent\Model
{
    use HasOwner;
}
