<x-layouts.app title="Reports">
    <x-page-header title="Reports" :lead="$month->format('F Y').', '.$team['name']">
        <a class="btn-quiet" href="{{ route('reports.index', ['month' => $month->copy()->subMonth()->format('Y-m')]) }}">← {{ $month->copy()->subMonth()->format('F') }}</a>
        @if ($month->lt(now()->startOfMonth()))
            <a class="btn-quiet" href="{{ route('reports.index', ['month' => $month->copy()->addMonth()->format('Y-m')]) }}">{{ $month->copy()->addMonth()->format('F') }} →</a>
        @endif
    </x-page-header>

    <div class="grid gap-4 sm:grid-cols-2 xl:grid-cols-4">
        <x-stat label="Agent runs" :value="number_format($report['totals']['executions'])" />
        <x-stat label="Mean answer" :value="number_format($report['totals']['average_ms'] / 1000, 2).' s'" />
        <x-stat label="Slowest" :value="number_format($report['totals']['slowest_ms'] / 1000, 1).' s'" />
        <x-stat label="Tokens" :value="number_format($report['totals']['tokens'] / 1000).' k'" />
    </div>

    <div class="mt-6 grid items-start gap-6 lg:grid-cols-2">
        <div class="space-y-6">
            <section class="panel overflow-hidden">
                <h2 class="panel-title px-5 pb-3 pt-4">By agent type</h2>
                <table class="w-full text-sm">
                    <thead class="table-head">
                        <tr><th class="px-5 py-2">Type</th><th class="px-3 py-2 text-right">Runs</th><th class="px-3 py-2 text-right">Failed</th><th class="px-3 py-2 text-right">Mean</th><th class="px-5 py-2 text-right">Tokens</th></tr>
                    </thead>
                    <tbody class="divide-y divide-stone-100">
                        @foreach ($report['types'] as $row)
                            <tr>
                                <td class="px-5 py-2.5 capitalize">{{ $row['type'] }}</td>
                                <td class="px-3 py-2.5 text-right tabular-nums">{{ number_format($row['executions']) }}</td>
                                <td class="px-3 py-2.5 text-right tabular-nums">{{ number_format($row['failures']) }}</td>
                                <td class="px-3 py-2.5 text-right tabular-nums">{{ number_format($row['average_ms'] / 1000, 2) }} s</td>
                                <td class="px-5 py-2.5 text-right tabular-nums">{{ number_format($row['tokens'] / 1000) }} k</td>
                            </tr>
                        @endforeach
                    </tbody>
                </table>
            </section>
            <section class="panel overflow-hidden">
                <h2 class="panel-title px-5 pb-3 pt-4">Documents added</h2>
                <dl class="grid grid-cols-3 gap-4 px-5 pb-5 text-sm">
                    @foreach (['indexed', 'draft', 'archived'] as $status)
                        <div>
                            <dt class="capitalize text-stone-500">{{ $status }}</dt>
                            <dd class="mt-1 text-2xl font-semibold tracking-tight text-stone-900">{{ number_format($report['documents'][$status]['documents'] ?? 0) }}</dd>
                            <dd class="mt-0.5 text-xs text-stone-500">{{ number_format(($report['documents'][$status]['words'] ?? 0) / 1000) }} k words</dd>
                        </div>
                    @endforeach
                </dl>
            </section>
        </div>
        <div class="space-y-6">
            <section class="panel overflow-hidden">
                <h2 class="panel-title px-5 pb-3 pt-4">Busiest agents</h2>
                @php($most = max([1, ...array_column($report['agents'], 'executions')]))
                <ul class="space-y-3 px-5 pb-5">
                    @foreach ($report['agents'] as $row)
                        <li class="text-sm">
                            <div class="flex justify-between gap-4">
                                <span class="truncate text-stone-800">{{ $row['name'] }}</span>
                                <span class="whitespace-nowrap tabular-nums text-stone-500">{{ number_format($row['executions']) }} runs, {{ number_format($row['average_ms'] / 1000, 2) }} s</span>
                            </div>
                            <div class="mt-1.5 h-1.5 rounded-full bg-stone-100">
                                <div class="h-full rounded-full bg-pine-400" style="width: {{ 100 * $row['executions'] / $most }}%"></div>
                            </div>
                        </li>
                    @endforeach
                </ul>
            </section>
            <section class="panel overflow-hidden">
                <h2 class="panel-title px-5 pb-3 pt-4">Contributors</h2>
                <table class="w-full text-sm">
                    <thead class="table-head">
                        <tr><th class="px-5 py-2">Member</th><th class="px-3 py-2 text-right">Documents</th><th class="px-5 py-2 text-right">Runs</th></tr>
                    </thead>
                    <tbody class="divide-y divide-stone-100">
                        @foreach ($report['contributors'] as $row)
                            <tr>
                                <td class="px-5 py-2"><span class="flex items-center gap-2.5"><x-avatar :name="$row['name']" size="size-6 text-[10px]" />{{ $row['name'] }}</span></td>
                                <td class="px-3 py-2 text-right tabular-nums">{{ number_format($row['documents']) }}</td>
                                <td class="px-5 py-2 text-right tabular-nums">{{ number_format($row['executions']) }}</td>
                            </tr>
                        @endforeach
                    </tbody>
                </table>
            </section>
        </div>
    </div>

    <section class="panel mt-6 overflow-hidden">
        <h2 class="panel-title px-5 pb-3 pt-4">Latest failures</h2>
        <table class="w-full text-sm">
            <thead class="table-head">
                <tr><th class="px-5 py-2">Question</th><th class="px-3 py-2">Agent</th><th class="px-3 py-2">Asked by</th><th class="px-5 py-2">Error</th></tr>
            </thead>
            <tbody class="divide-y divide-stone-100">
                @forelse ($failures as $failure)
                    <tr>
                        <td class="w-1/2 max-w-0 truncate px-5 py-2.5">{{ $failure->query }}</td>
                        <td class="whitespace-nowrap px-3 py-2.5 text-stone-600">{{ $failure->agent->name }}</td>
                        <td class="whitespace-nowrap px-3 py-2.5 text-stone-600">{{ $failure->user?->name ?? 'system' }}</td>
                        <td class="px-5 py-2.5 text-rose-700">{{ $failure->error }}</td>
                    </tr>
                @empty
                    <tr><td colspan="4" class="px-5 py-8 text-center text-stone-500">None in 30 days.</td></tr>
                @endforelse
            </tbody>
        </table>
    </section>
</x-layouts.app>
