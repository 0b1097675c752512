<?php

namespace App\Livewire\Orders;

use Livewire\Component;

class Board extends Component
{
    public function render() { return view('livewire.orders.board'); }
}
