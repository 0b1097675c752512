<?php

return ['models' => ['order' => App\Models\Order::class], 'prefix' => 'backoffice'];
