<p>{{ $messages->count() }}</p>
