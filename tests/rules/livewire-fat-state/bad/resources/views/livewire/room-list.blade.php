<div>{{ count($rooms) }}</div>
