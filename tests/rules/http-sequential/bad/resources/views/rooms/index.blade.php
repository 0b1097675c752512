<p>{{ count($titles) }}</p>
