{{ $order->total }}
