<p>{{ count($answers) }}</p>
