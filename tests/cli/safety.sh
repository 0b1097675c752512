#!/usr/bin/env bash
# The safety test: fettle check of the reference application with a configuration cached beforehand and an environment that
# points to what is real: a second database, S3, a mail server, a webhook, Redis. The folder and both databases are as
# before; nobody was connected to, told by a listener, by the kernel's counters, and by a trace of system calls.
source "$(dirname "$0")/../support/cli.bash"
needs jq php sqlite3 python3
instances_allowed
small_app app
app=$work/app
mkdir "$work/tmp"
export TMPDIR=$work/tmp
mkdir "$work/data"
sqlite3 "$work/data/second.sqlite" 'pragma journal_mode=wal; create table t(x); insert into t values(1)' >/dev/null

# Somebody who listens where the environment points to, and notes every call.
python3 - "$work" <<'PY' &
import socket, sys, os
s = socket.socket(); s.bind(("127.0.0.1", 0)); s.listen(64)
open(sys.argv[1] + "/port.part", "w").write(str(s.getsockname()[1])); os.rename(sys.argv[1] + "/port.part", sys.argv[1] + "/port")
while True:
    c, a = s.accept(); open(sys.argv[1] + "/calls", "a").write("called\n"); c.close()
PY
listener=$!
trap 'kill $listener 2>/dev/null; rm -rf "$work"' EXIT
for _ in $(seq 100); do [ -s "$work/port" ] && break; sleep 0.05; done
port=$(cat "$work/port")
php -r "stream_socket_client('tcp://127.0.0.1:$port', \$n, \$w, 1);" && sleep 0.2
[ -s "$work/calls" ] || { fail 'the listener does not hear'; done_here; }
: >"$work/calls"

set_env() { sed -i "/^#\? *$1=/d" "$app/.env"; echo "$1=$2" >>"$app/.env"; }
set_env FILESYSTEM_DISK s3
set_env AWS_ACCESS_KEY_ID k && set_env AWS_SECRET_ACCESS_KEY s && set_env AWS_DEFAULT_REGION eu-west-1 && set_env AWS_BUCKET real
set_env AWS_ENDPOINT "http://127.0.0.1:$port" && set_env AWS_USE_PATH_STYLE_ENDPOINT true
set_env MAIL_MAILER smtp && set_env MAIL_HOST 127.0.0.1 && set_env MAIL_PORT "$port"
set_env LOG_CHANNEL stack && set_env LOG_STACK single,slack && set_env LOG_SLACK_WEBHOOK_URL "http://127.0.0.1:$port/hook"
set_env LEGACY_DATABASE "$work/data/second.sqlite"
sed -i "0,/'connections' => \[/s||'connections' => [ 'legacy' => ['driver' => 'sqlite', 'database' => env('LEGACY_DATABASE'), 'prefix' => ''],|" "$app/config/database.php"
cat >>"$app/routes/web.php" <<PHP

Illuminate\Support\Facades\Route::get('/reaches-out', function () {
    \$did = [];
    foreach ([
        'legacy' => fn () => Illuminate\Support\Facades\DB::connection('legacy')->insert('insert into t values (2)'),
        'pdo' => fn () => (new PDO('sqlite:$work/data/second.sqlite', null, null, [PDO::ATTR_ERRMODE => 2]))->exec('insert into t values (3)'),
        'mail' => fn () => Illuminate\Support\Facades\Mail::raw('hi', fn (\$m) => \$m->to('real@example.com')->subject('x')),
        'hook' => fn () => Illuminate\Support\Facades\Log::critical('boom'),
        'http' => fn () => Illuminate\Support\Facades\Http::timeout(2)->post('http://127.0.0.1:$port/x', ['a' => 1]),
        'socket' => fn () => stream_socket_client('tcp://127.0.0.1:$port', \$n, \$w, 1),
        'dns' => fn () => gethostbyname('leak.example.com'),
        'file' => fn () => file_put_contents(base_path('reached.txt'), 'x'),
        'shell' => fn () => shell_exec('echo x > '.escapeshellarg(base_path('reached-too.txt'))),
    ] as \$what => \$try) {
        try { \$try(); \$did[] = \$what; } catch (Throwable) { }
    }
    return implode(' ', \$did);
});
PHP
(cd "$app" && php artisan config:cache --quiet && grep -q second.sqlite bootstrap/cache/config.php) || { fail 'the configuration was not cached'; done_here; }
rows() { sqlite3 -readonly "$work/data/second.sqlite" 'select count(*) from t'; }
[ "$(rows)" = 1 ]
before=$(hash_of "$app") second=$(sha256sum "$work/data/second.sqlite")

as_before() {
    [ "$(hash_of "$app")" = "$before" ] || fail "$1: the folder is another one"
    [ "$(sha256sum "$work/data/second.sqlite")" = "$second" ] || fail "$1: the second database is another one"
    [ "$(rows)" = 1 ] || fail "$1: rows came into the second database"
    [ ! -s "$work/calls" ] || { fail "$1: somebody was called $(wc -l <"$work/calls") times"; : >"$work/calls"; }
    [ -z "$(ls -A "$work/tmp")" ] || fail "$1: left behind: $(ls -A "$work/tmp")"
}
# As a user starts it.
LIMIT=180
"$fettle" check "$app" --budget 25s --json >"$work/out" 2>"$work/err" </dev/null || [ $? = 1 ] || { fail "check: $(cat "$work/err")"; done_here; }
holds '[.routes[] | select(.name | test("reaches-out"))] | length == 1'
as_before check

# In a network of our own, which counts; and traced, only those pages that reach out.
flags=-n
[ "$(id -u)" = 0 ] || flags=-rn
unshare $flags bash -c '"$@" >/dev/null 2>&1; grep -E "^(Tcp|Udp|Ip):" /proc/net/snmp >"$0"' "$work/snmp" \
    "$fettle" check "$app" --budget 20s --route reaches-out --json || true
value() { awk -v p="$1:" -v f="$2" '$1 == p { if (!n) { for (i = 2; i <= NF; i++) if ($i == f) n = i } else { print $n; exit } }' "$work/snmp"; }
[ "$(value Tcp ActiveOpens)" = 0 ] && [ "$(value Udp OutDatagrams)" = 0 ] && [ "$(value Ip OutRequests)" = 0 ] ||
    fail "packets were sent outside: $(cat "$work/snmp")"
as_before 'check in a network of its own'
if command -v strace >/dev/null; then
    strace -f --pidns-translation -qq -e trace=connect,sendto,clone,clone3,fork,vfork,unshare -e signal=none -o "$work/trace" \
        "$fettle" check "$app" --budget 40s --route reaches-out --json >"$work/out" 2>"$work/err" || [ $? = 1 ] || fail "traced: $(cat "$work/err")"
    awk -f "$top/tests/support/outside.awk" "$work/trace" || fail 'a connection was made outside'
    as_before 'check, traced'
else
    echo 'no strace: that third was not run'
fi
done_here
