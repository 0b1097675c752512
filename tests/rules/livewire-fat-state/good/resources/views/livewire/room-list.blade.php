<div>{{ count($this->rooms) }}</div>
