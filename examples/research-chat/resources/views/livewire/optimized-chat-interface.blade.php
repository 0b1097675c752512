<form wire:submit="sendMessage" class="border-t border-stone-200 bg-white px-4 pb-4 pt-3 sm:px-8">
    <div class="mx-auto max-w-3xl">
        @if ($this->suggestions->isNotEmpty())
            <ul class="mb-2.5 flex flex-wrap gap-1.5" aria-label="Documents that fit">
                @foreach ($this->suggestions as $suggestion)
                    <li wire:key="suggestion-{{ $suggestion['id'] }}" class="max-w-72">
                        <a href="{{ route('knowledge.show', $suggestion['id']) }}" target="_blank" class="flex items-center gap-1.5 rounded-full border border-stone-200 bg-paper px-2.5 py-1 text-xs text-stone-600 hover:border-pine-300 hover:text-pine-800">
                            <x-icon name="file" class="size-3.5" /><span class="truncate">{{ $suggestion['title'] }}</span>
                        </a>
                    </li>
                @endforeach
            </ul>
        @endif
        <div class="rounded-xl border border-stone-300 bg-white shadow-sm focus-within:border-pine-500 focus-within:ring-3 focus-within:ring-pine-500/15">
            <textarea id="composer" class="block max-h-48 w-full resize-none bg-transparent px-4 pb-1 pt-3 text-[15px] leading-relaxed text-stone-900 placeholder:text-stone-400 focus:outline-none" rows="2"
                wire:model.live.debounce.300ms="query" wire:keydown.enter="$event.shiftKey || ($event.preventDefault(), $wire.sendMessage())"
                placeholder="Ask your documents something" aria-label="Message"></textarea>
            <div class="flex items-center gap-2 px-3 pb-2.5">
                <div class="flex min-w-0 flex-1 gap-1 overflow-x-auto">
                    @foreach ($this->choices as $agent)
                        <button type="button" wire:key="pick-{{ $agent['id'] }}" wire:click="toggleAgent({{ $agent['id'] }})" @class([
                            'whitespace-nowrap rounded-full px-2.5 py-1 text-xs transition-colors',
                            'bg-pine-100 font-medium text-pine-800' => in_array($agent['id'], $selectedAgents, true),
                            'text-stone-500 hover:bg-stone-100' => ! in_array($agent['id'], $selectedAgents, true),
                        ])>{{ $agent['name'] }}</button>
                    @endforeach
                </div>
                <button class="btn-primary px-3" wire:loading.attr="disabled" wire:target="sendMessage"><x-icon name="send" class="size-4" />Send</button>
            </div>
        </div>
        @error('query')
            <p class="mt-1.5 text-sm text-rose-700">{{ $message }}</p>
        @enderror
        @error('selectedAgents')
            <p class="mt-1.5 text-sm text-rose-700">{{ $message }}</p>
        @enderror
    </div>
</form>
