<x-layouts.guest title="Sign in">
    <div class="grid min-h-full lg:grid-cols-2">
        <div class="flex items-center justify-center px-6 py-12">
            <div class="w-full max-w-sm">
                <div class="flex items-center gap-2.5">
                    <img src="{{ asset('favicon.svg') }}" alt="" class="size-8" width="32" height="32">
                    <span class="font-serif text-2xl tracking-tight text-ink">Meridian</span>
                </div>
                <h1 class="mt-10 text-xl font-semibold tracking-tight text-stone-900">Sign in to your workspace</h1>
                <p class="mt-1 text-sm text-stone-500">Your documents, agents and chats in one place.</p>
                <form method="post" action="{{ route('login.store') }}" class="mt-8 space-y-5">
                    @csrf
                    <label class="block">
                        <span class="text-sm font-medium text-stone-700">Email</span>
                        <input class="field mt-1.5" type="email" name="email" value="{{ old('email') }}" autocomplete="username" required autofocus>
                        @error('email')
                            <span class="mt-1.5 block text-sm text-rose-700">{{ $message }}</span>
                        @enderror
                    </label>
                    <label class="block">
                        <span class="text-sm font-medium text-stone-700">Password</span>
                        <input class="field mt-1.5" type="password" name="password" autocomplete="current-password" required>
                    </label>
                    <label class="flex items-center gap-2 text-sm text-stone-600">
                        <input type="checkbox" name="remember" value="1" class="size-4 rounded border-stone-300 accent-pine-700"> Keep me signed in
                    </label>
                    <button class="btn-primary w-full py-2.5">Sign in</button>
                </form>
            </div>
        </div>
        <div class="relative hidden overflow-hidden bg-pine-950 lg:block">
            <svg class="absolute inset-0 size-full text-pine-700/40" viewBox="0 0 600 800" preserveAspectRatio="xMidYMid slice" fill="none" stroke="currentColor" aria-hidden="true">
                @foreach (range(1, 11) as $ring)
                    <ellipse cx="300" cy="400" rx="{{ $ring * 34 }}" ry="380" />
                    <path d="M{{ -80 }} {{ $ring * 72 - 30 }}H680" stroke-opacity=".5" />
                @endforeach
            </svg>
            <div class="relative flex h-full flex-col justify-end p-14">
                <blockquote class="max-w-md font-serif text-3xl leading-snug text-white">Ask across everything your team has read.</blockquote>
                <p class="mt-4 max-w-sm text-sm leading-relaxed text-pine-200">Agents answer from your own papers, reports and protocols, and name the pages they used.</p>
            </div>
        </div>
    </div>
</x-layouts.guest>
