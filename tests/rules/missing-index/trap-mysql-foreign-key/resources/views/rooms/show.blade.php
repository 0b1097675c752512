<p>{{ count($seats) }}</p>
