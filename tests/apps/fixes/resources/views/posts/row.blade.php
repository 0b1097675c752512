<li>{{ $post->category?->name }}</li>
