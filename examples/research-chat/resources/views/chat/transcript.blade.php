<x-layouts.app :title="'Transcript: '.$session->title">
    <a href="{{ route('chat.show', $session) }}" class="link text-sm">← Chat</a>
    <div class="mt-4">
        <x-page-header :title="$session->title" :lead="'Begun '.$session->created_at->format('j F Y')" />
    </div>
    <ol class="panel divide-y divide-stone-100">
        @foreach ($messages as $message)
            <li class="flex gap-4 px-6 py-4">
                <div class="w-40 shrink-0 text-xs">
                    <div class="font-medium text-stone-800">{{ $message->author?->name ?? $message->agent?->name ?? 'Assistant' }}</div>
                    <div class="mt-0.5 text-stone-500">{{ $message->created_at->format('j M H:i') }}</div>
                </div>
                <p class="min-w-0 flex-1 whitespace-pre-line text-sm leading-relaxed text-stone-700">{{ $message->content }}</p>
            </li>
        @endforeach
    </ol>
    <div class="mt-4">{{ $messages->links() }}</div>
</x-layouts.app>
