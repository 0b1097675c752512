<form wire:submit="save" class="panel space-y-5 p-6">
    <h2 class="panel-title">Profile</h2>
    <label class="block">
        <span class="text-sm font-medium text-stone-700">Name</span>
        <input class="field mt-1.5" wire:model="name">
        @error('name')
            <span class="mt-1 block text-sm text-rose-700">{{ $message }}</span>
        @enderror
    </label>
    <label class="block">
        <span class="text-sm font-medium text-stone-700">Title</span>
        <input class="field mt-1.5" wire:model="title">
    </label>
    <div class="flex items-center gap-3">
        <button class="btn-primary">Save</button>
        @if ($saved)
            <span class="flex items-center gap-1.5 text-sm text-pine-700"><x-icon name="check" class="size-4" />Saved</span>
        @endif
    </div>
</form>
