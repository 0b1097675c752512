<?php

// What a request left behind, told from inside: session, cookies in the clear, jobs, mails, broadcasts, calls, log lines,
// exceptions, cache writes, and which marked places of edited files ran. Only requests of a comparison carry the header
// that starts it; nothing here runs in a request that is timed.

namespace Fettle;

use Illuminate\Database\Eloquent\Model;
use Illuminate\Support\Facades\Event;
use Illuminate\Support\Str;

/** Marks that a comparison writes into its copies of edited files. They change nothing: a call, or a value passed on. */
final class Ran
{
    public static array $times = [];

    public static function at(int $mark): void
    {
        self::$times[$mark] = (self::$times[$mark] ?? 0) + 1;
    }

    public static function of(int $mark, mixed $value): mixed
    {
        self::$times[$mark] = (self::$times[$mark] ?? 0) + 1;

        return $value;
    }
}

final class Recorder
{
    private const LONG = 65536;

    private array $seen = ['jobs' => [], 'mails' => [], 'notifications' => [], 'broadcasts' => [], 'http' => [], 'log' => [], 'exceptions' => [], 'cache' => []];

    private array $cookies = [];

    private static string $ballast = '';

    private static int $pauses = 0;

    private function __construct(private $app) {}

    public static function start($app, string $id): void
    {
        if (! preg_match('/^\w{1,64}$/', $id)) {
            return;
        }
        $app['config']->set('session.lottery', [0, 100]);     // sweeping old sessions by chance is no behaviour of the page
        $self = new self($app);
        $self->listen();
        if (isset($_SERVER['HTTP_X_FETTLE_LOAD'])) {
            Event::listen('Illuminate\Routing\Events\RouteMatched', fn () => self::work());
            foreach (['Illuminate\Database\Events\QueryExecuted', 'composing: *', 'creating: *'] as $event) {
                Event::listen($event, fn () => self::pause());
            }
        }
        $app->terminating(fn () => $self->write($id));
    }

    /**
     * Work that means nothing: statements, one that is told to have been slow, cache reads, memory, time. What changes by it
     * in an answer or in what is left behind is the app's own measuring of itself (statements counted, durations in buckets),
     * and no behaviour.
     */
    public static function work(): void
    {
        try {
            for ($i = 0; $i < 7; $i++) {
                \Illuminate\Support\Facades\DB::select('select 1 as fettle');
                \Illuminate\Support\Facades\Cache::get('fettle-nothing-'.$i);
            }
            $connection = \Illuminate\Support\Facades\DB::connection();
            event(new \Illuminate\Database\Events\QueryExecuted('select 1 as fettle', [], 60_000.0, $connection));
        } catch (\Throwable) {
            // an app without a database or a cache measures neither
        }
        self::$ballast = str_repeat('fettle', 700000);
        for ($until = hrtime(true) + 40_000_000; hrtime(true) < $until;) {
            md5(self::$ballast);
        }
        usleep(110_000);
    }

    /** So that whatever is timed around a statement or a view falls into another bucket. */
    public static function pause(): void
    {
        if (++self::$pauses <= 60) {
            usleep(self::$pauses <= 20 ? 12_000 : 2_000);
        }
    }

    private function listen(): void
    {
        $kinds = [
            'Illuminate\Queue\Events\JobQueued' => 'job', 'Illuminate\Mail\Events\MessageSending' => 'mail',
            'Illuminate\Notifications\Events\NotificationSent' => 'notification', 'Illuminate\Http\Client\Events\RequestSending' => 'call',
            'Illuminate\Log\Events\MessageLogged' => 'logged', 'Illuminate\Cache\Events\KeyWritten' => 'written',
            'Illuminate\Cache\Events\KeyForgotten' => 'forgotten', 'Illuminate\Foundation\Http\Events\RequestHandled' => 'handled',
        ];
        foreach ($kinds as $event => $method) {
            Event::listen($event, function ($e) use ($method) {
                try {
                    $this->$method($e);
                } catch (\Throwable $problem) {
                    $this->seen['unrecorded'][] = $method.': '.$problem->getMessage();
                }
            });
        }
        $this->app->resolving(\Illuminate\Broadcasting\BroadcastManager::class, function ($manager) {
            $manager->extend('null', fn () => new class(fn (array $what) => $this->seen['broadcasts'][] = $what) extends \Illuminate\Broadcasting\Broadcasters\NullBroadcaster
            {
                public function __construct(private \Closure $tell) {}

                public function broadcast(array $channels, $event, array $payload = [])
                {
                    ($this->tell)(['channels' => array_map('strval', $channels), 'event' => $event, 'payload' => $payload]);
                }
            });
        });
    }

    private function job($e): void
    {
        $payload = $e->payload ?? null;
        $this->seen['jobs'][] = ['connection' => $e->connectionName, 'queue' => $e->queue ?? null, 'delay' => $this->seconds($e->delay ?? null),
            'class' => is_object($e->job) ? $e->job::class : (string) $e->job, 'payload' => is_string($payload) ? $this->cut($payload) : null];
    }

    private function seconds(mixed $delay): mixed
    {
        return match (true) {
            $delay instanceof \DateTimeInterface => $delay->getTimestamp() - \Illuminate\Support\Carbon::now()->getTimestamp(),
            $delay instanceof \DateInterval => \Illuminate\Support\Carbon::now()->add($delay)->getTimestamp() - \Illuminate\Support\Carbon::now()->getTimestamp(),
            default => $delay,
        };
    }

    private function mail($e): void
    {
        $m = $e->message;
        $address = fn (array $list) => array_map(fn ($a) => $a->toString(), $list);
        $this->seen['mails'][] = ['subject' => $m->getSubject(), 'from' => $address($m->getFrom()), 'to' => $address($m->getTo()), 'cc' => $address($m->getCc()),
            'bcc' => $address($m->getBcc()), 'html' => $this->cut((string) $m->getHtmlBody()), 'text' => $this->cut((string) $m->getTextBody()),
            'attachments' => array_map(fn ($a) => [$a->getFilename(), sha1($a->getBody())], $m->getAttachments())];
    }

    private function notification($e): void
    {
        $this->seen['notifications'][] = ['class' => $e->notification::class, 'channel' => $e->channel,
            'to' => $e->notifiable instanceof Model ? $e->notifiable::class.'#'.$e->notifiable->getKey() : get_debug_type($e->notifiable)];
    }

    private function call($e): void
    {
        $this->seen['http'][] = ['method' => $e->request->method(), 'url' => $e->request->url(), 'body' => $this->cut($e->request->body())];
    }

    private function logged($e): void
    {
        $thrown = $e->context['exception'] ?? null;
        if ($thrown instanceof \Throwable) {
            $this->seen['exceptions'][] = $this->thrown($thrown);
        } elseif (in_array($e->level, ['warning', 'error', 'critical', 'alert', 'emergency'], true)) {
            $this->seen['log'][] = ['level' => $e->level, 'message' => $this->cut((string) $e->message), 'context' => $this->cut((string) json_encode($e->context, JSON_PARTIAL_OUTPUT_ON_ERROR))];
        }
    }

    /** Without the line: an edit above moves it. */
    private function thrown(\Throwable $e): array
    {
        return ['class' => $e::class, 'message' => $this->cut($e->getMessage()), 'file' => str_replace(base_path().'/', '', $e->getFile())];
    }

    private function written($e): void
    {
        $this->seen['cache'][] = ['put' => $e->key, 'value' => $this->cut(serialize($e->value)), 'ttl' => $e->seconds, 'tags' => $e->tags];
    }

    private function forgotten($e): void
    {
        $this->seen['cache'][] = ['forget' => $e->key, 'tags' => $e->tags];
    }

    private function handled($e): void
    {
        $thrown = $e->response->exception ?? null;
        if ($thrown instanceof \Throwable) {
            $this->seen['exceptions'][] = $this->thrown($thrown);
        }
        $now = \Illuminate\Support\Carbon::now()->getTimestamp();
        foreach ($e->response->headers->getCookies() as $c) {
            $this->cookies[$c->getName()] = ['value' => $this->clear((string) $c->getValue()), 'path' => $c->getPath(), 'domain' => $c->getDomain(), 'secure' => $c->isSecure(),
                'httponly' => $c->isHttpOnly(), 'samesite' => $c->getSameSite(), 'lasts' => $c->getExpiresTime() === 0 ? null : $c->getExpiresTime() - $now];
        }
    }

    /** A cookie's value without its encryption, whose salt differs every time. */
    private function clear(string $value): string
    {
        try {
            return \Illuminate\Cookie\CookieValuePrefix::remove($this->app['encrypter']->decrypt($value, false));
        } catch (\Throwable) {
            return $value;
        }
    }

    private function cut(string $text): string
    {
        return strlen($text) <= self::LONG ? $text : 'sha256:'.hash('sha256', $text).' of '.strlen($text).' bytes';
    }

    private function session(): mixed
    {
        if (! $this->app->resolved('session.store') && ! $this->app->resolved('session')) {
            return null;
        }
        $store = $this->app['session']->driver();

        return $store->isStarted() || $store->all() ? json_decode((string) json_encode($store->all(), JSON_PARTIAL_OUTPUT_ON_ERROR)) ?? $this->cut(serialize($store->all())) : null;
    }

    private function write(string $id): void
    {
        try {
            $this->seen['session'] = $this->session();
        } catch (\Throwable $problem) {
            $this->seen['unrecorded'][] = 'session: '.$problem->getMessage();
        }
        $out = ['seen' => array_filter($this->seen), 'cookies' => (object) $this->cookies, 'ran' => (object) Ran::$times];
        $json = json_encode($out, JSON_INVALID_UTF8_SUBSTITUTE | JSON_PARTIAL_OUTPUT_ON_ERROR | JSON_PRESERVE_ZERO_FRACTION | JSON_UNESCAPED_SLASHES);
        file_put_contents(Plan::dir()."/rec/$id.json", (string) $json);
    }
}

/** As whom a comparison visits: users whose pages take different branches. */
final class People
{
    private const TENANTS = ['tenant_id', 'team_id', 'current_team_id', 'company_id', 'organization_id', 'organisation_id', 'account_id', 'workspace_id'];

    private const FLAGS = ['is_admin', 'admin', 'is_super_admin', 'is_superadmin', 'superuser', 'is_superuser', 'is_staff'];

    private const ROLES = ['role', 'type', 'user_type', 'role_name'];

    private const ADMINS = ['admin', 'administrator', 'owner', 'superadmin', 'super_admin', 'super-admin', 'root'];

    private array $list = [];

    public function list()
    {
        $guard = (new Door)->guard((string) request('guard'));
        $class = config('auth.providers.'.config("auth.guards.$guard.provider").'.model');
        if (is_string($class) && is_subclass_of($class, Model::class)) {
            try {
                $this->choose($class);
            } catch (\Throwable $e) {
                return response()->json(['guard' => $guard, 'people' => array_values($this->list), 'why' => Witness::line($e)]);
            }
        }

        return response()->json(['guard' => $guard, 'people' => array_values($this->list)]);
    }

    private function choose(string $class): void
    {
        $model = new $class;
        $rows = (new Owners($model))->count();
        $as = (string) request('as');
        if ($as !== '') {
            $this->add($class::query()->where(str_contains($as, '@') ? 'email' : $model->getKeyName(), $as)->first(), 'as asked');
        }
        foreach (array_keys($rows) as $id) {
            $this->add($this->may($class::query()->find($id)), 'most rows');
        }
        $this->list = array_slice($this->list, 0, 1, true) ?: [];
        if (! $this->list) {
            $this->add($this->may($class::query()->first()), 'first');
        }
        $first = reset($this->list);
        if (! $first) {
            return;
        }
        $columns = Tables::all()[$model->getTable()] ?? [];
        $me = $class::query()->find($first['id']);
        $this->admin($class, $columns);
        foreach (array_keys($rows) as $id) {
            if (! isset($this->list[$id]) && $this->add($this->may($class::query()->find($id)), 'second user')) {
                break;
            }
        }
        foreach (array_intersect(self::TENANTS, $columns) as $column) {
            $other = $class::query()->whereNotNull($column)->where($column, '!=', $me->getAttribute($column))->whereKeyNot(array_keys($this->list))->first();
            if ($this->add($this->may($other), 'another '.str_replace('_id', '', $column))) {
                break;
            }
        }
        $nothing = $class::query()->whereKeyNot([...array_keys($this->list), ...array_keys($rows)])->orderByDesc($model->getKeyName())->first();
        $this->add($this->may($nothing), 'few or no rows');
    }

    private function admin(string $class, array $columns): void
    {
        foreach (array_intersect(self::FLAGS, $columns) as $column) {
            if ($this->add($this->may($class::query()->where($column, true)->first()), 'admin')) {
                return;
            }
        }
        foreach (array_intersect(self::ROLES, $columns) as $column) {
            if ($this->add($this->may($class::query()->whereIn($column, self::ADMINS)->first()), 'admin')) {
                return;
            }
        }
    }

    /** A user who has not confirmed an address sees the confirmation page everywhere. */
    private function may(?Model $user): ?Model
    {
        return $user && array_key_exists('email_verified_at', $user->getAttributes()) && $user->email_verified_at === null ? null : $user;
    }

    private function add(?Model $user, string $label): bool
    {
        $id = $user?->getAuthIdentifier();
        if ($id === null || isset($this->list[$id])) {
            return false;
        }
        $this->list[$id] = ['id' => (string) $id, 'label' => $label];

        return true;
    }
}
