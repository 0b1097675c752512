<p>{{ count($state) }}</p>
