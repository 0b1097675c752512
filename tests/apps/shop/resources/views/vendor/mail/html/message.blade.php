<table>{{ $slot }}</table>
