// Alpine and Livewire come with Livewire's own script; what this application adds is registered here.
