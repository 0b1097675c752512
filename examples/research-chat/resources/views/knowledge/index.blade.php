<x-layouts.app title="Knowledge">
    <x-page-header title="Knowledge" lead="Papers, reports, data sets and protocols that your team's agents answer from." />
    <livewire:knowledge-browser />
</x-layouts.app>
