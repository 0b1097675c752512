<html><head><meta name="csrf-token" content="{{ csrf_token() }}">@vite('resources/js/app.js') @livewireStyles</head><body>@yield('c') @livewireScripts</body></html>
