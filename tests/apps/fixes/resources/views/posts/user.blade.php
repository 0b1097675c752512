@foreach ($user->posts as $post)
    @include('posts.row', ['post' => $post])
@endforeach
