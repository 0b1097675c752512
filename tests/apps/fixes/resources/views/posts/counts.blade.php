@foreach ($posts as $post)
    <p title="{{ $post->comments()->count() }}">{{ trans_choice('comments', $post->comments()->count()) }}</p>
@endforeach
