<?php

use Illuminate\Support\Facades\Schedule;

Schedule::command('research:check-endpoints')->everyMinute()->withoutOverlapping();
Schedule::command('research:embed')->everyTenMinutes()->withoutOverlapping();
Schedule::command('research:archive-expired')->hourly()->onOneServer();
Schedule::command('research:warm')->everyFifteenMinutes()->onOneServer();
Schedule::command('research:digest')->weeklyOn(1, '7:00')->onOneServer();
