<?php

namespace App\Http\Middleware;

use App\Models\Room;
use Closure;
use Illuminate\Http\Request;

class ShareRooms
{
    public function handle(Request $request, Closure $next)
    {
        view()->share('menu', Room::orderBy('name')->get());

        return $next($request);
    }
}
