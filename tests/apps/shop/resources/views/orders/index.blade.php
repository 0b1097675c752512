@foreach ($orders as $order) <x-alert>{{ $order->customer->name }}</x-alert> @endforeach
