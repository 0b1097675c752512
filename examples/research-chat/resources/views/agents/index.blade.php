<x-layouts.app title="Agents">
    <x-page-header title="Agents" lead="Each has its own instructions, tools and reading list." />
    <livewire:agent-directory />
</x-layouts.app>
