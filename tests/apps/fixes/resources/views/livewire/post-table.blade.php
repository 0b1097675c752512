<div>
    @foreach ($this->posts as $post)
        <p>{{ $post->user->name }}</p>
    @endforeach
    @foreach ($drafts as $draft)
        <p>{{ $draft->category?->name }}</p>
    @endforeach
</div>
