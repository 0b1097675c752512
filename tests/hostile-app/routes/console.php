<?php

use Illuminate\Support\Facades\Artisan;
use Illuminate\Support\Facades\DB;
use Illuminate\Support\Facades\Schedule;

Artisan::command('nightly', fn () => DB::connection('legacy')->insert('insert into t values (9)'));
Schedule::command('nightly')->everyMinute();
