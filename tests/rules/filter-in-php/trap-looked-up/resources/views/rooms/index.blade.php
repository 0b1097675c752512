<p>{{ count($found) }}</p>
