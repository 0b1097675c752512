--TEST--
Eloquent: hydrated models, lazy relations with the SQL inside, in PHP and in a compiled view
--FILE--
<?php
require __DIR__ . '/helper.inc';
copy(__DIR__ . '/data/illuminate.inc', fettle_folder() . '/vendor.php');
@mkdir(fettle_folder() . '/vendor');
copy(__DIR__ . '/data/illuminate.inc', fettle_folder() . '/vendor/illuminate.php');
$view = fettle_folder() . '/storage/' . sha1('posts') . '.php';
fettle_file("<ul>\n@foreach (\$posts as \$post)\n    <li>{{ \$post->title }}</li>\n    <b>{{ \$post->title }}\n    {{ \$post->author[0]->name }}</b>\n@endforeach\n</ul>\n", 'views/posts.blade.php');
fettle_file("<ul>\n<?php foreach (\$posts as \$post): ?>\n    <li><?php echo \$post->title; ?></li>\n    <b><?php echo \$post->title; ?>\n\n    <?php echo \$post->author[0]->name; ?></b>\n<?php endforeach; ?>\n</ul>\n<?php /**PATH " . fettle_folder() . "/views/posts.blade.php ENDPATH**/ ?>", 'storage/' . sha1('posts') . '.php');
$code = <<<PHP
<?php
require __DIR__ . '/vendor/illuminate.php';
use Illuminate\Database\Eloquent\{Builder, Model};
class Author extends Model {}
class Post extends Model
{
    function author() { return fn () => (new Builder(new Author, \$this->pdo))->get('select 1 as id, "ann" as name'); }
    function bad() { return null; }
}
\$pdo = new PDO('sqlite::memory:');
function posts(\$pdo)
{
    return (new Builder(new Post, \$pdo))->get('select "a" as title union select "b"');
}
\$posts = posts(\$pdo);
foreach (\$posts as \$post)
    echo \$post->author[0]->name;
try {
    \$post->bad;
} catch (LogicException \$e) {
}
include '$view';
PHP;
fettle_run($code);
echo "-- always\n";
fettle_run($code, ['fettle.tier' => 'always']);
--EXPECT--
out: annann<ul>
    <li>a</li>
    <b>a
    ann</b>
    <li>b</li>
    <b>b
    ann</b>
</ul>
open cli [test.php]
1<0 connect [sqlite::memory:] at test.php:10
2<0 sql [select "a" as title union select "b"] a=2 at test.php:13 in posts
3<0 hydrate [Post] a=2 at test.php:13 in posts
5<4 sql [select ? as id, "ann" as name] a=1 at test.php:7 in Post::{closure}
6<4 hydrate [Author] a=1 at test.php:7 in Post::{closure}
4<0 lazy [Post::author] at test.php:17
8<7 sql [select ? as id, "ann" as name] a=1 at test.php:7 in Post::{closure}
9<7 hydrate [Author] a=1 at test.php:7 in Post::{closure}
7<0 lazy [Post::author] at test.php:17
10<0 lazy [Post::bad] +failed
12<11 sql [select ? as id, "ann" as name] a=1 at test.php:7 in Post::{closure}
13<11 hydrate [Author] a=1 at test.php:7 in Post::{closure}
11<0 lazy [Post::author] at posts.blade.php:5
15<14 sql [select ? as id, "ann" as name] a=1 at test.php:7 in Post::{closure}
16<14 hydrate [Author] a=1 at test.php:7 in Post::{closure}
14<0 lazy [Post::author] at posts.blade.php:5
close status=0 route=[-] action=[-] user=[-] spans=16 dropped=0 hydrated=6 lazy=5 events=0 refused=0
-- always
out: annann<ul>
    <li>a</li>
    <b>a
    ann</b>
    <li>b</li>
    <b>b
    ann</b>
</ul>
open cli [test.php]
1<0 connect [sqlite::memory:] at test.php:10
2<0 sql [select "a" as title union select "b"] a=2 at test.php:13 in posts
3<0 hydrate [Post] a=2 at test.php:13 in posts
5<4 sql [select ? as id, "ann" as name] a=1 at test.php:7 in Post::{closure}
6<4 hydrate [Author] a=1 at test.php:7 in Post::{closure}
4<0 lazy [Post::author] at test.php:17
8<7 sql [select ? as id, "ann" as name] a=1 at test.php:7 in Post::{closure}
9<7 hydrate [Author] a=1 at test.php:7 in Post::{closure}
7<0 lazy [Post::author] at test.php:17
10<0 lazy [Post::bad] +failed
12<11 sql [select ? as id, "ann" as name] a=1 at test.php:7 in Post::{closure}
13<11 hydrate [Author] a=1 at test.php:7 in Post::{closure}
11<0 lazy [Post::author] at posts.blade.php:5
15<14 sql [select ? as id, "ann" as name] a=1 at test.php:7 in Post::{closure}
16<14 hydrate [Author] a=1 at test.php:7 in Post::{closure}
14<0 lazy [Post::author] at posts.blade.php:5
close status=0 route=[-] action=[-] user=[-] spans=16 dropped=0 hydrated=6 lazy=5 events=0 refused=0
