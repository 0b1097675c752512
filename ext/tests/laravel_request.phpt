--TEST--
Routes, controllers, commands, queue, events, mail, Predis: names read from the framework's objects
--FILE--
<?php
require __DIR__ . '/helper.inc';
@mkdir(fettle_folder() . '/vendor');
copy(__DIR__ . '/data/illuminate.inc', fettle_folder() . '/vendor/illuminate.php');
$code = <<<'PHP'
<?php
require __DIR__ . '/vendor/illuminate.php';
use Illuminate\Routing\{Route, Router, ControllerDispatcher, CallableDispatcher};
class Users { function show() { (new PDO('sqlite::memory:'))->query('select 1'); return 'shown'; } }
class Crunch { public $n = 5; function handle() { (new PDO('sqlite::memory:'))->exec('select 2'); } }
class Fails { function handle() { throw new Exception('job'); } }
class Auth { public $guards = []; }
class Guard { protected $user; function __construct($u) { $this->user = $u; } }
class Mailable { function send($m) { return $m->send('mail.view'); } }
class Heard {}
class Request { public $method = 'POST', $pathInfo = '/users/7'; }
class Response { public $statusCode = 201; }
class Trim { function handle($x, $next) { (new PDO('sqlite::memory:'))->query('select 3'); return $next($x); } }
(new Illuminate\Foundation\Application)->bootstrapWith([fn () => 1]);
$app = Illuminate\Container\Container::setInstance(new Illuminate\Container\Container);
$router = new Router;
$router->current = new Route('users/{user}', ['POST', 'HEAD'], ['controller' => 'Users@show', 'uses' => 'Users@show']);
$app->put('router', $router);
$auth = new Auth;
$auth->guards = ['api' => new Guard(null), 'web' => new Guard(new Illuminate\Database\Eloquent\Model(null, ['id' => 42]))];
$app->put('auth', $auth);
$k = new Illuminate\Foundation\Http\Kernel(function ($r) use ($router) {
    (new Illuminate\Pipeline\Pipeline)->then([new Trim], function () use ($router) {
        echo (new ControllerDispatcher)->dispatch($router->current, new Users, 'show');
        (new CallableDispatcher)->dispatch($router->current, fn () => 1);
    });
    return new Response;
});
$k->handle(new Request);
$e = new Illuminate\Events\Dispatcher;
$e->listen('Heard', fn () => 1);
$e->dispatch(new Heard);
$e->dispatch('nobody.listens');
(new Illuminate\Queue\Queue)->push(new Crunch);
(new Illuminate\Queue\SyncQueue)->push(new Crunch);
$p = new Predis\Client;
echo $p->executeCommand(new Predis\Command\Redis\GET), $p->executeCommand(new Predis\Command\RawCommand('HELLO'));
(new Illuminate\Mail\Mailer)->send(new Mailable);
$c = new class('app:go') extends Illuminate\Console\Command {
    function handle() {
        $w = new Illuminate\Queue\Worker;
        $w->process('db', new Crunch, null);
        (new PDO('sqlite::memory:'))->query('select "between jobs"');
        $w->process('db', new Fails, null);
        $w->process('db', new Crunch, null);
        return 0;
    }
};
$c->run(null, null);
PHP;
fettle_same($code);
echo "-- always\n";
fettle_run($code, ['fettle.tier' => 'always']);
--EXPECT--
same
open cli [test.php]
1<0 boot [bootstrap] at test.php:14
close status=0 route=[-] action=[-] user=[-] spans=1 dropped=0 hydrated=0 lazy=0 events=0 refused=0
open http [POST /users/7]
1<0 connect [sqlite::memory:] at test.php:13 in Trim::handle
2<0 sql [select ?] at test.php:13 in Trim::handle
4<3 connect [sqlite::memory:] at test.php:4 in Users::show from {closure}
5<3 sql [select ?] at test.php:4 in Users::show from {closure}
3<0 controller [Users@show] at test.php:24 in {closure} from Trim::handle
6<0 controller [Closure] at test.php:25 in {closure} from Trim::handle
close status=201 route=[POST /users/{user}] action=[Users@show] user=[42] spans=6 dropped=0 hydrated=0 lazy=0 events=0 refused=0
open cli [test.php]
1<0 event [Heard] a=1 at test.php:32
2<0 push [Crunch] a=43 at test.php:34
5<4 connect [sqlite::memory:] at test.php:5 in Crunch::handle
6<4 sql [select ?] at test.php:5 in Crunch::handle
4<3 job [Crunch] at test.php:35
3<0 push [Crunch] at test.php:35
7<0 redis [GET] a=5 at test.php:37
8<0 redis [HELLO] a=3 at test.php:37
9<0 mail [Mailable] at test.php:38
10<0 command [app:go]
close status=0 route=[-] action=[-] user=[-] spans=10 dropped=0 hydrated=0 lazy=0 events=2 refused=0
open job [Crunch]
2<1 connect [sqlite::memory:] at test.php:5 in Crunch::handle from Illuminate\Console\Command@anonymous::handle
3<1 sql [select ?] at test.php:5 in Crunch::handle from Illuminate\Console\Command@anonymous::handle
1<0 job [Crunch] at test.php:42 in Illuminate\Console\Command@anonymous::handle
close status=0 route=[Crunch] action=[-] user=[-] spans=3 dropped=0 hydrated=0 lazy=0 events=0 refused=0
open job [Fails]
1<0 job [Fails] +failed
close status=0 route=[Fails] action=[-] user=[-] spans=1 dropped=0 hydrated=0 lazy=0 events=0 refused=0
open job [Crunch]
2<1 connect [sqlite::memory:] at test.php:5 in Crunch::handle from Illuminate\Console\Command@anonymous::handle
3<1 sql [select ?] at test.php:5 in Crunch::handle from Illuminate\Console\Command@anonymous::handle
1<0 job [Crunch] at test.php:45 in Illuminate\Console\Command@anonymous::handle
close status=0 route=[Crunch] action=[-] user=[-] spans=3 dropped=0 hydrated=0 lazy=0 events=0 refused=0
-- always
out: shownvalueraw
open cli [test.php]
1<0 boot [bootstrap] at test.php:14
close status=0 route=[-] action=[-] user=[-] spans=1 dropped=0 hydrated=0 lazy=0 events=0 refused=0
open http [POST /users/7]
1<0 connect [sqlite::memory:] at test.php:13 in Trim::handle
2<0 sql [select ?] at test.php:13 in Trim::handle
4<3 connect [sqlite::memory:] at test.php:4 in Users::show from {closure}
5<3 sql [select ?] at test.php:4 in Users::show from {closure}
3<0 controller [Users@show] at test.php:24 in {closure} from Trim::handle
6<0 controller [Closure] at test.php:25 in {closure} from Trim::handle
close status=201 route=[POST /users/{user}] action=[Users@show] user=[42] spans=6 dropped=0 hydrated=0 lazy=0 events=0 refused=0
open cli [test.php]
1<0 push [Crunch] a=43 at test.php:34
4<3 connect [sqlite::memory:] at test.php:5 in Crunch::handle
5<3 sql [select ?] at test.php:5 in Crunch::handle
3<2 job [Crunch] at test.php:35
2<0 push [Crunch] at test.php:35
6<0 redis [GET] a=5 at test.php:37
7<0 redis [HELLO] a=3 at test.php:37
8<0 mail [Mailable] at test.php:38
9<0 command [app:go]
close status=0 route=[-] action=[-] user=[-] spans=9 dropped=0 hydrated=0 lazy=0 events=2 refused=0
open job [Crunch]
2<1 connect [sqlite::memory:] at test.php:5 in Crunch::handle from Illuminate\Console\Command@anonymous::handle
3<1 sql [select ?] at test.php:5 in Crunch::handle from Illuminate\Console\Command@anonymous::handle
1<0 job [Crunch] at test.php:42 in Illuminate\Console\Command@anonymous::handle
close status=0 route=[Crunch] action=[-] user=[-] spans=3 dropped=0 hydrated=0 lazy=0 events=0 refused=0
open job [Fails]
1<0 job [Fails] +failed
close status=0 route=[Fails] action=[-] user=[-] spans=1 dropped=0 hydrated=0 lazy=0 events=0 refused=0
open job [Crunch]
2<1 connect [sqlite::memory:] at test.php:5 in Crunch::handle from Illuminate\Console\Command@anonymous::handle
3<1 sql [select ?] at test.php:5 in Crunch::handle from Illuminate\Console\Command@anonymous::handle
1<0 job [Crunch] at test.php:45 in Illuminate\Console\Command@anonymous::handle
close status=0 route=[Crunch] action=[-] user=[-] spans=3 dropped=0 hydrated=0 lazy=0 events=0 refused=0
