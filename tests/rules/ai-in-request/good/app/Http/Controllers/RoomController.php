<?php

namespace App\Http\Controllers;

use App\Jobs\AskModel;
use Illuminate\Http\Request;

class RoomController extends Controller
{
    public function store(Request $request)
    {
        AskModel::dispatch($request->input('text'));

        return back();
    }
}
