@props(['title' => null, 'wide' => false])
<!DOCTYPE html>
<html lang="en" class="h-full">
<head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <meta name="csrf-token" content="{{ csrf_token() }}">
    <title>{{ $title ? $title.' · ' : '' }}{{ config('app.name') }}</title>
    <link rel="icon" href="{{ asset('favicon.svg') }}" type="image/svg+xml">
    @vite(['resources/css/app.css', 'resources/js/app.js'])
    @livewireStyles
</head>
<body class="h-full">
    <div class="flex min-h-full">
        <aside class="sticky top-0 hidden h-screen w-60 shrink-0 flex-col bg-pine-950 text-pine-100 lg:flex">
            <a href="{{ route('dashboard') }}" class="flex items-center gap-2.5 px-5 pb-6 pt-6">
                <img src="{{ asset('favicon.svg') }}" alt="" class="size-7" width="28" height="28">
                <span class="font-serif text-xl tracking-tight text-white">Meridian</span>
            </a>
            <nav class="flex-1 space-y-0.5 px-3 text-sm">
                @include('components.layouts.navigation')
            </nav>
            <div class="m-3 rounded-lg bg-white/5 px-3 py-2.5 text-xs">
                <div class="font-medium text-white">{{ $team['name'] }}</div>
                <div class="mt-0.5 capitalize text-pine-300">{{ $team['plan'] }} plan</div>
            </div>
            <div class="flex items-center gap-2.5 border-t border-white/10 px-4 py-4">
                <x-avatar :name="auth()->user()->name" />
                <div class="min-w-0 flex-1">
                    <div class="truncate text-sm font-medium text-white">{{ auth()->user()->name }}</div>
                    <div class="truncate text-xs text-pine-300">{{ auth()->user()->title }}</div>
                </div>
                <form method="post" action="{{ route('logout') }}">
                    @csrf
                    <button class="rounded p-1 text-pine-300 hover:text-white" title="Sign out"><x-icon name="logout" /></button>
                </form>
            </div>
        </aside>
        <div class="min-w-0 flex-1">
            <nav class="flex gap-1 overflow-x-auto bg-pine-950 px-3 py-2 text-sm text-pine-100 lg:hidden">
                @include('components.layouts.navigation')
            </nav>
            @if ($wide)
                {{ $slot }}
            @else
                <main class="mx-auto max-w-6xl px-5 py-9 sm:px-8">{{ $slot }}</main>
            @endif
        </div>
    </div>
    @livewireScripts
</body>
</html>
