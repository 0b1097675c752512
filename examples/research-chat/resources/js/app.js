// Livewire's own script brings Alpine; what this application adds to it is registered here.
import optimizedChat from './optimized-chat';

document.addEventListener('alpine:init', () => {
    window.Alpine.data('optimizedChat', optimizedChat);
});
