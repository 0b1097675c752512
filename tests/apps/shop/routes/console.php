<?php

use App\Jobs\CloseOrders;
use Illuminate\Support\Facades\Schedule;

Schedule::command('orders:prune --force')->daily();
Schedule::job(new CloseOrders)->hourly();
