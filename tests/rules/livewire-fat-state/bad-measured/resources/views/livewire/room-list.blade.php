<div>{{ count($rows) }}</div>
