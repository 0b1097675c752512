<p>{{ json_encode($names) }}</p>
