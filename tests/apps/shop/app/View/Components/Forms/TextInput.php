<?php

namespace App\View\Components\Forms;

class TextInput extends \Illuminate\View\Component { public function render() { return view('components.forms.text-input'); } }
