<x-layouts.app :title="$session?->title ?? 'New chat'" wide>
    <div class="flex h-dvh max-lg:h-[calc(100dvh-3.25rem)]">
        <aside class="hidden w-72 shrink-0 flex-col border-r border-stone-200 bg-white/60 xl:flex">
            <div class="flex items-baseline justify-between px-5 pb-3 pt-5">
                <h2 class="panel-title">Chats</h2>
                <span class="text-xs text-stone-400">latest {{ count($sessions) }}</span>
            </div>
            <ul class="flex-1 space-y-0.5 overflow-y-auto px-2.5 pb-4">
                @foreach ($sessions as $item)
                    <li>
                        <a href="{{ route('chat.show', $item['id']) }}" @class([
                            'block rounded-lg px-2.5 py-2 transition-colors',
                            'bg-pine-100/70' => $session?->id === $item['id'],
                            'hover:bg-stone-100' => $session?->id !== $item['id'],
                        ])>
                            <div class="truncate text-sm text-stone-900">{{ $item['title'] }}</div>
                            <div class="mt-0.5 flex justify-between gap-2 text-[11px] text-stone-500">
                                <span class="truncate">{{ $item['agent'] }}</span>
                                <span class="whitespace-nowrap">{{ $item['last_message_at'] ? \Illuminate\Support\Carbon::parse($item['last_message_at'])->diffForHumans(short: true) : '' }}</span>
                            </div>
                        </a>
                    </li>
                @endforeach
            </ul>
        </aside>

        <div class="flex min-w-0 flex-1 flex-col">
            <header class="flex items-center justify-between gap-4 border-b border-stone-200 bg-white/60 px-5 py-3 sm:px-8">
                <div class="min-w-0">
                    <h1 class="truncate text-sm font-semibold text-stone-900">{{ $session?->title ?? 'New chat' }}</h1>
                    <div class="text-xs text-stone-500">{{ $session?->agent?->name ?? 'Choose who answers below' }}</div>
                </div>
                @if ($session)
                    <a href="{{ route('chat.transcript', $session) }}" class="btn-quiet whitespace-nowrap"><x-icon name="file" class="size-4" />Transcript</a>
                @endif
            </header>

            @if ($session)
                <div class="relative min-h-0 flex-1" x-data="optimizedChat" data-chat="{{ json_encode(['more' => $more, 'messagesUrl' => route('api.sessions.messages', $session), 'streamUrl' => route('chat.stream', $session)]) }}">
                    <script type="application/json" x-ref="first">@json($messages)</script>
                    <div x-ref="scroller" class="h-full overflow-y-auto [overflow-anchor:none]">
                        <div x-ref="loadTrigger" class="h-px"></div>
                        <div x-ref="before"></div>
                        <ol x-ref="list" class="mx-auto max-w-3xl px-4 sm:px-8" role="log" aria-label="Messages">
                            <template x-for="message in shown" :key="message.id">
                                <li :class="message.look">
                                    <div class="message-head" x-text="message.head"></div>
                                    <div class="message-body" x-text="message.content"></div>
                                </li>
                            </template>
                        </ol>
                        <div x-ref="after"></div>
                    </div>
                    <div class="pointer-events-none absolute inset-x-0 top-2 text-center text-xs text-stone-500" x-show="loading" x-cloak>
                        <span class="rounded-full bg-white px-3 py-1 shadow-sm">Loading older messages</span>
                    </div>
                    <button type="button" class="btn-quiet absolute bottom-4 right-6 rounded-full shadow-md" x-show="! atEnd" x-cloak x-on:click="toEnd()"><x-icon name="down" class="size-4" />Newest</button>
                </div>
            @else
                <div class="flex flex-1 items-center justify-center overflow-y-auto p-8">
                    <div class="max-w-xl text-center">
                        <span class="inline-flex size-14 items-center justify-center rounded-2xl bg-pine-100 text-pine-800"><x-icon name="spark" class="size-7" /></span>
                        <h2 class="mt-5 font-serif text-2xl text-ink">What would you like to know?</h2>
                        <p class="mt-2 text-sm text-stone-500">Agents answer from your team's documents. New lately:</p>
                        <ul class="mt-5 divide-y divide-stone-200 text-left text-sm">
                            @foreach ($recent as $document)
                                <li class="flex justify-between gap-6 py-2">
                                    <a class="link truncate font-normal" href="{{ route('knowledge.show', $document['id']) }}">{{ $document['title'] }}</a>
                                    <span class="whitespace-nowrap text-stone-400">{{ $document['owner'] }}</span>
                                </li>
                            @endforeach
                        </ul>
                    </div>
                </div>
            @endif

            <livewire:optimized-chat-interface :session="$session" />
        </div>
    </div>
</x-layouts.app>
