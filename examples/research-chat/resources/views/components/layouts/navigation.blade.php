@php
    $links = [
        ['dashboard', 'Overview', 'home', 'dashboard'],
        ['chat.index', 'Research chat', 'chat', 'chat.*'],
        ['knowledge.index', 'Knowledge', 'book', 'knowledge.*'],
        ['agents.index', 'Agents', 'agent', 'agents.*'],
        ['team.index', 'Team', 'users', 'team.*'],
        ['reports.index', 'Reports', 'chart', 'reports.*'],
        ['settings', 'Settings', 'cog', 'settings'],
    ];
@endphp
@foreach ($links as [$route, $label, $icon, $pattern])
    @continue(! Route::has($route) || ($route === 'reports.index' && ! auth()->user()->isAdmin()))
    <a href="{{ route($route) }}" @class([
        'flex items-center gap-3 whitespace-nowrap rounded-lg px-3 py-2 transition-colors',
        'bg-white/10 font-medium text-white' => request()->routeIs($pattern),
        'text-pine-200 hover:bg-white/5 hover:text-white' => ! request()->routeIs($pattern),
    ])>
        <x-icon :name="$icon" />{{ $label }}
    </a>
@endforeach
