<p>{{ count($rows) }}</p>
