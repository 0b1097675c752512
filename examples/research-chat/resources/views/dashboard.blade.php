<x-layouts.app title="Overview">
    <x-page-header title="Good to see you, {{ Str::before(auth()->user()->name, ' ') }}" :lead="'What happened at '.$team['name'].' in the last days.'">
        @if (Route::has('chat.index'))
            <a href="{{ route('chat.index') }}" class="btn-primary"><x-icon name="chat" class="size-4" />Open research chat</a>
        @endif
    </x-page-header>

    <div class="grid gap-4 sm:grid-cols-2 xl:grid-cols-4">
        <x-stat label="Documents" :value="number_format($stats['documents'])" hint="that you can read" />
        <x-stat label="Your chats" :value="number_format($stats['sessions'])" hint="all time" />
        <x-stat label="Agent runs" :value="number_format($stats['executions'])" hint="team, last 7 days" />
        <x-stat label="Mean answer" :value="number_format($stats['latency'] / 1000, 2).' s'" hint="completed, last 7 days" />
    </div>

    <section class="panel mt-6 p-5">
        <div class="flex items-baseline justify-between">
            <h2 class="panel-title">Runs per day</h2>
            <span class="text-xs text-stone-500">last 30 days</span>
        </div>
        @php($peak = max(1, ...array_column($activity, 'executions')))
        <div class="mt-4 flex h-28 items-end gap-1">
            @foreach ($activity as $day => $count)
                <div class="group relative flex h-full flex-1 flex-col justify-end">
                    <div class="rounded-t-sm bg-pine-300 transition-colors group-hover:bg-pine-500" style="height: {{ max(1.5, 100 * $count['executions'] / $peak) }}%"></div>
                    <div class="pointer-events-none absolute bottom-full left-1/2 z-10 mb-1 hidden -translate-x-1/2 whitespace-nowrap rounded bg-ink px-2 py-1 text-[11px] text-white group-hover:block">{{ $day }}: {{ $count['executions'] }} runs, {{ $count['failures'] }} failed</div>
                </div>
            @endforeach
        </div>
    </section>

    <div class="mt-6 grid gap-6 xl:grid-cols-3">
        <section class="panel overflow-hidden xl:col-span-2">
            <h2 class="panel-title px-5 pb-3 pt-4">Latest agent runs</h2>
            <table class="w-full text-sm">
                <thead class="table-head">
                    <tr><th class="px-5 py-2">Question</th><th class="px-3 py-2">Agent</th><th class="px-3 py-2">Status</th><th class="px-5 py-2 text-right">Time</th></tr>
                </thead>
                <tbody class="divide-y divide-stone-100">
                    @forelse ($executions as $execution)
                        @include('dashboard.execution-row', ['execution' => $execution])
                    @empty
                        <tr><td colspan="4" class="px-5 py-8 text-center text-stone-500">No runs yet.</td></tr>
                    @endforelse
                </tbody>
            </table>
        </section>
        <section class="panel overflow-hidden">
            <h2 class="panel-title px-5 pb-3 pt-4">Agents at work</h2>
            <ul class="divide-y divide-stone-100 border-t border-stone-100">
                @foreach ($agents as $agent)
                    <li class="px-5 py-2.5">
                        <a href="{{ route('agents.show', $agent) }}" class="text-sm font-medium text-stone-900 hover:text-pine-800">{{ $agent->name }}</a>
                        <div class="mt-0.5 text-xs text-stone-500">
                            @if ($agent->lastExecution)
                                {{ $agent->lastExecution->status }} {{ $agent->lastExecution->created_at->diffForHumans(short: true) }}, asked by {{ $agent->lastExecution->user?->name ?? 'the system' }}
                            @else
                                not used yet
                            @endif
                        </div>
                    </li>
                @endforeach
            </ul>
        </section>
    </div>

    <section class="mt-8">
        <div class="mb-3 flex items-baseline justify-between">
            <h2 class="panel-title">New in the knowledge base</h2>
            <a href="{{ route('knowledge.index') }}" class="link text-sm">All documents</a>
        </div>
        <div class="grid gap-4 sm:grid-cols-2 xl:grid-cols-3">
            @foreach ($documents as $document)
                <x-document-card :document="$document" />
            @endforeach
        </div>
    </section>
</x-layouts.app>
