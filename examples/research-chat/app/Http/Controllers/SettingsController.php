<?php

namespace App\Http\Controllers;

use App\Repositories\OptimizedKnowledgeRepository;
use App\Services\EndpointHealth;
use Illuminate\Http\Request;
use Illuminate\View\View;

class SettingsController extends Controller
{
    public function __invoke(Request $request, EndpointHealth $health, OptimizedKnowledgeRepository $documents): View
    {
        return view('settings.index', [
            'endpoints' => $health->last(),
            'privacy' => $documents->countByPrivacy($request->user()),
        ]);
    }
}
