<p>{{ count($counts) }}</p>
