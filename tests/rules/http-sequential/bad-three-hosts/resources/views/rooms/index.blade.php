<p>{{ count($replies) }}</p>
