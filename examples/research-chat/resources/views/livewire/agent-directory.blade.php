<div>
    <div class="mb-5 flex flex-wrap gap-1.5">
        @foreach (['' => 'All', ...array_combine(\App\Models\Agent::TYPES, array_map('ucfirst', \App\Models\Agent::TYPES))] as $value => $label)
            <button type="button" wire:click="$set('type', '{{ $value }}')" @class([
                'rounded-full px-3 py-1.5 text-sm transition-colors',
                'bg-pine-800 text-white' => $type === $value,
                'border border-stone-300 bg-white text-stone-600 hover:bg-stone-50' => $type !== $value,
            ])>{{ $label }}</button>
        @endforeach
    </div>
    <div class="grid gap-4 md:grid-cols-2 xl:grid-cols-3" wire:loading.class="opacity-60">
        @forelse ($this->agents as $agent)
            <a wire:key="agent-{{ $agent->id }}" href="{{ route('agents.show', $agent) }}" class="panel group flex flex-col p-5 transition hover:border-pine-300 hover:shadow-md">
                <div class="flex items-start gap-3">
                    <span class="flex size-10 items-center justify-center rounded-lg bg-pine-50 text-pine-700"><x-icon name="agent" /></span>
                    <div class="min-w-0 flex-1">
                        <h3 class="truncate font-semibold text-stone-900 group-hover:text-pine-800">{{ $agent->name }}</h3>
                        <div class="text-xs text-stone-500"><span class="capitalize">{{ $agent->type }}</span> · {{ $agent->model }}</div>
                    </div>
                    <span @class(['mt-1 size-2 rounded-full', 'bg-pine-500' => $agent->is_active, 'bg-stone-300' => ! $agent->is_active]) title="{{ $agent->is_active ? 'active' : 'paused' }}"></span>
                </div>
                <p class="mt-3 line-clamp-2 text-sm leading-relaxed text-stone-600">{{ $agent->description }}</p>
                <div class="mb-4 mt-3 flex flex-wrap gap-1">
                    @foreach ($agent->tools as $tool)
                        <span class="rounded bg-stone-100 px-1.5 py-0.5 text-[11px] text-stone-600">{{ $tool->name }}</span>
                    @endforeach
                </div>
                <dl class="mt-auto grid grid-cols-3 gap-2 border-t border-stone-100 pt-3.5 text-xs">
                    <div><dt class="text-stone-500">Runs</dt><dd class="mt-0.5 text-sm font-semibold text-stone-900">{{ number_format($agent->executions_count) }}</dd></div>
                    <div><dt class="text-stone-500">Success</dt><dd class="mt-0.5 text-sm font-semibold text-stone-900">{{ $agent->success_rate === null ? '–' : $agent->success_rate.' %' }}</dd></div>
                    <div><dt class="text-stone-500">Reads</dt><dd class="mt-0.5 text-sm font-semibold text-stone-900">{{ $agent->knowledge_documents_count }}</dd></div>
                </dl>
                <div class="mt-3 text-[11px] text-stone-400">
                    Kept by {{ $agent->owner->name }}{{ $agent->executions_max_created_at ? ', last run '.\Illuminate\Support\Carbon::parse($agent->executions_max_created_at)->diffForHumans() : '' }}
                </div>
            </a>
        @empty
            <p class="text-sm text-stone-500">No agent of this type.</p>
        @endforelse
    </div>
</div>
