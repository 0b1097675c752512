<?php

namespace App\Http\Controllers;

use App\Models\User;
use Illuminate\Http\Request;
use Illuminate\View\View;

class TeamController extends Controller
{
    public function __invoke(Request $request): View
    {
        $members = User::query()
            ->select(['id', 'team_id', 'name', 'email', 'role', 'title', 'is_active', 'last_login_at'])
            ->withCount(['documents', 'sessions'])
            ->withMax('executions', 'created_at')
            ->where('team_id', $request->user()->team_id)
            ->orderBy('name')
            ->orderBy('id')
            ->simplePaginate(60);

        return view('team.index', compact('members'));
    }
}
