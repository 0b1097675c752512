<p>{{ count($seen) }}</p>
