<?php

return ['tables' => ['posts' => 'blog_posts']];
