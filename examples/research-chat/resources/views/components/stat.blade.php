@props(['label', 'value', 'hint' => null])
<div class="panel px-5 py-4">
    <div class="eyebrow">{{ $label }}</div>
    <div class="mt-2 text-[28px] font-semibold leading-none tracking-tight text-stone-900">{{ $value }}</div>
    @if ($hint)
        <div class="mt-2 text-xs text-stone-500">{{ $hint }}</div>
    @endif
</div>
