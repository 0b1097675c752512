<x-layouts.app :title="$agent->name">
    <a href="{{ route('agents.index') }}" class="link text-sm">← Agents</a>
    <div class="mt-4 flex flex-wrap items-start gap-4">
        <span class="flex size-14 items-center justify-center rounded-xl bg-pine-100 text-pine-800"><x-icon name="agent" class="size-7" /></span>
        <div class="min-w-0 flex-1">
            <h1 class="font-serif text-3xl tracking-tight text-ink">{{ $agent->name }}</h1>
            <p class="mt-1 text-sm text-stone-500"><span class="capitalize">{{ $agent->type }}</span> agent on {{ $agent->model }}, kept by {{ $agent->owner->name }}</p>
        </div>
    </div>
    <p class="mt-4 max-w-3xl text-stone-600">{{ $agent->description }}</p>

    <div class="mt-6 grid gap-4 sm:grid-cols-3">
        <x-stat label="Runs" :value="number_format($agent->executions_count)" />
        <x-stat label="Success" :value="$agent->success_rate === null ? '–' : $agent->success_rate.' %'" />
        <x-stat label="Mean answer" :value="number_format($agent->average_ms / 1000, 2).' s'" />
    </div>

    <div class="mt-6 grid gap-6 lg:grid-cols-3">
        <div class="lg:col-span-2">
            <livewire:execution-feed :agent-id="$agent->id" />
        </div>
        <aside class="space-y-6">
            <section class="panel p-5">
                <h2 class="panel-title">Tools</h2>
                <ul class="mt-3 space-y-2.5">
                    @foreach ($agent->tools as $tool)
                        <li class="text-sm"><div class="font-medium text-stone-800">{{ $tool->name }}</div><div class="text-xs text-stone-500">{{ $tool->description }}</div></li>
                    @endforeach
                </ul>
            </section>
            <section class="panel p-5">
                <h2 class="panel-title">Reading list</h2>
                <ul class="mt-3 space-y-2">
                    @forelse ($agent->knowledgeDocuments as $document)
                        <li class="truncate text-sm"><a class="link font-normal" href="{{ route('knowledge.show', $document) }}">{{ $document->title }}</a></li>
                    @empty
                        <li class="text-sm text-stone-500">Nothing pinned.</li>
                    @endforelse
                </ul>
            </section>
            <section class="panel p-5">
                <h2 class="panel-title">Instructions</h2>
                <p class="mt-3 line-clamp-6 whitespace-pre-line text-xs leading-relaxed text-stone-600">{{ $agent->system_prompt }}</p>
            </section>
        </aside>
    </div>
</x-layouts.app>
