<x-layouts.app title="Settings">
    <x-page-header title="Settings" lead="Your profile, your documents and the servers behind the agents." />
    <div class="grid items-start gap-6 lg:grid-cols-2">
        <livewire:settings-form />
        <div class="space-y-6">
            <section class="panel p-6">
                <h2 class="panel-title">Your documents</h2>
                <dl class="mt-4 grid grid-cols-3 gap-4 text-sm">
                    @foreach (['private' => 'Private', 'team' => 'Team', 'public' => 'Public'] as $level => $label)
                        <div>
                            <dt class="text-stone-500">{{ $label }}</dt>
                            <dd class="mt-1 text-2xl font-semibold tracking-tight text-stone-900">{{ number_format($privacy[$level] ?? 0) }}</dd>
                        </div>
                    @endforeach
                </dl>
            </section>
            <section class="panel p-6">
                <h2 class="panel-title">Servers</h2>
                <ul class="mt-4 divide-y divide-stone-100 text-sm">
                    @forelse ($endpoints as $name => $endpoint)
                        <li class="flex items-center justify-between py-2.5">
                            <span class="flex items-center gap-2.5">
                                <span @class(['size-2 rounded-full', 'bg-pine-500' => $endpoint['ok'], 'bg-rose-500' => ! $endpoint['ok']])></span>
                                {{ ['primary' => 'Primary model', 'fallback' => 'Fallback model', 'search' => 'Search'][$name] ?? $name }}
                            </span>
                            <span class="text-stone-500">{{ $endpoint['detail'] }}, {{ \Illuminate\Support\Carbon::parse($endpoint['checked_at'])->diffForHumans() }}</span>
                        </li>
                    @empty
                        <li class="text-stone-500">Not checked yet. The scheduler asks them every minute.</li>
                    @endforelse
                </ul>
            </section>
        </div>
    </div>
</x-layouts.app>
