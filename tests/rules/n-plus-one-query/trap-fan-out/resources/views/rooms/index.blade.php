<p>{{ count($data) }}</p>
