#!/usr/bin/env bash
# fettle fix, stopped at every step: kill -9, Ctrl-C, TERM, HUP, a disk that is full, a folder that cannot be written.
# Afterwards the folder, its database and its git state are as before, or there is one whole branch more that --undo takes
# away; nothing runs, nothing is mounted, no work folder is left, and what a kill leaves the next start sweeps.
# FETTLE_TORTURE=N: N rounds over every step and random moments (the default run tries some steps once).
# The branch itself, killed at each call of git: tests/unit/fix_branch.c.
source "$(dirname "$0")/../support/cli.bash"
needs jq pgrep git
instances_allowed
small_app 'the app'
app="$work/the app"
mkdir "$work/tmp"
export TMPDIR=$work/tmp
rounds=${FETTLE_TORTURE:-0} running_now=
trap '[ -z "$running_now" ] || kill -9 "$running_now" 2>/dev/null; rm -rf "$work"' EXIT

# One N+1, and the state of a working day: a detached HEAD, a dirty tree, a staged file, a stash, somebody's index.lock.
file=app/Services/PerformanceCacheManager.php
line=$(grep -n "with('agent:id,name')" "$app/$file" | head -1 | cut -d: -f1)
[ -n "$line" ] || { fail 'nothing to plant in'; done_here; }
sed -i "${line}d" "$app/$file"
g() { git -C "$app" -c user.name=t -c user.email=t@example.com "$@"; }
g init -q -b main && g add -A && g commit -qm one && g tag v1 && echo x >"$app/README.txt" && g add -A && g stash -q
g checkout -q --detach && echo '// mine' >>"$app/routes/console.php" && echo y >"$app/staged.txt" && g add staged.txt
touch "$app/.git/index.lock"
sqlite3 "$app/database/database.sqlite" 'pragma journal_mode=wal; insert into teams(name) select name from teams limit 0' >/dev/null 2>&1 || true

all() { # names, kinds, modes and contents; but for objects of git that nothing names
    (cd "$app" && find . -path ./.git/objects -prune -o -printf '%p %y %m %l\n' | LC_ALL=C sort
        find . -path ./.git/objects -prune -o -type f -print0 | LC_ALL=C sort -z | xargs -0r sha256sum) | sha256sum
}
refs() { cat "$app/.git/HEAD"; g for-each-ref; g stash list; g worktree list; sha256sum "$app/.git/index"; }
run 1 audit "$app" --json
id=$(jq -r ".findings[] | select(.rule == \"n-plus-one-lazy\" and .file == \"$file\") | .id" "$work/out" | head -1)
[ -n "$id" ] || { fail 'the planted N+1 is not found'; done_here; }
before=$(all) refs_before=$(refs) mounts_before=$(grep -cF "$work" /proc/mounts || true)

running() { # what still runs from within: every process whose root, environment or command names our folder, but us
    local p
    for p in $(grep -lsF "$work/tmp/fettle-" /proc/[0-9]*/environ /proc/[0-9]*/cmdline 2>/dev/null); do
        p=${p#/proc/}; p=${p%%/*}
        [ "$p" = $$ ] || case $(cat "/proc/$p/comm" 2>/dev/null) in php* | fettle* | git | redis* | maria* | postgres*) echo "$p:$(tr '\0' ' ' <"/proc/$p/cmdline" 2>/dev/null | cut -c1-80)" ;; esac
    done
}
as_before() { # WHAT
    local n left
    for n in 1 2 3 4 5 6 7 8 9 10; do left=$(running); [ -n "$left" ] || break; sleep 0.1; done
    [ -z "$left" ] || fail "$1: still running: $left"
    [ "$(grep -cF "$work" /proc/mounts || true)" = "$mounts_before" ] || fail "$1: a mount is left"
    [ "$(all)" = "$before" ] || fail "$1: the folder is another one: $(g status --short | head -5)"
    [ "$(refs)" = "$refs_before" ] || fail "$1: git is in another state"
}
undone() { # WHAT: a branch that was made goes by --undo, then all is as before
    "$fettle" fix --undo "$app" >/dev/null 2>"$work/err" || grep -q 'no branch' "$work/err" || fail "$1: undo: $(cat "$work/err")"
    as_before "$1, undone"
}
nothing_left() { [ -z "$(ls -A "$work/tmp")" ] || { fail "$1: left behind: $(find "$work/tmp" -mindepth 1 -printf '%P ' | head -c 300)"; rm -rf "${work:?}/tmp"/*; }; }

# Steps, each told by what then lies in the work folder.
fresh() { # N PATTERN: N folders that this run made, not an earlier one that was killed, hold such a thing
    local p top n=0 seen=' '
    for p in $(cd "$work/tmp" && compgen -G "$2"); do
        top=${p%%/*}
        case "$stale$seen" in *" $top "*) continue ;; esac
        n=$((n + 1)) seen="$seen$top "
    done
    [ $n -ge "$1" ]
}
reached() { # STEP
    case $1 in
    reading) return 0 ;;
    copying) fresh 1 'fettle-instance.*/boot' ;;
    serving) fresh 1 'fettle-instance.*/[ad]*.sock' ;;
    planned) fresh 1 'fettle-work-fix.*' ;;
    editing) fresh 1 'fettle-work-fix.*/side.*' ;;
    proving) fresh 1 'fettle-work-sides.*' ;;
    two) fresh 3 'fettle-instance.*/[ad]*.sock' ;; # the one that was checked, and both sides
    testing) fresh 1 'fettle-work-fix.*/tests' ;;
    esac
}
stop_at() { # STEP DELAY SIGNAL
    local pid code=0 n=0 at
    stale=" $(ls -A "$work/tmp" | tr '\n' ' ')"
    setsid "$fettle" fix "$app" "$id" --budget "${BUDGET:-20s}" >"$work/out" 2>"$work/err" </dev/null &
    pid=$! running_now=$pid
    until reached "$1"; do
        kill -0 $pid 2>/dev/null || { wait $pid || true; echo "$1 was not reached: $(cat "$work/err" "$work/out" | tail -n 4)"; undone "$1 was not reached"; nothing_left "$1 was not reached"; return 0; }
        sleep 0.005
    done
    sleep "$2"
    kill -"$3" $pid 2>/dev/null || true
    at=$(date +%s%N)
    wait $pid 2>/dev/null || code=$?
    running_now=
    [ $code -gt 1 ] || undone "$1 was over"
    tried=$((tried + 1))
    as_before "$1+$2 $3"
    if [ "$3" = KILL ]; then
        undone "$1+$2 $3"
    else
        [ $(($(date +%s%N) - at)) -lt 3500000000 ] || fail "$1+$2 $3 took $((($(date +%s%N) - at) / 1000000)) ms"
        case $3 in INT) n=130 ;; TERM) n=143 ;; HUP) n=129 ;; esac
        [ $code = $n ] || [ $code -le 1 ] || fail "$1+$2 $3: exit $code, not $n: $(tail -2 "$work/err")"
        nothing_left "$1+$2 $3"
    fi
}
tried=0
set +e
stop_at copying 0 KILL
stop_at serving 0.3 INT
stop_at planned 0 KILL
stop_at two 0.5 KILL
stop_at proving 0.2 HUP
for _ in $(seq "$rounds"); do
    for step in reading copying serving planned editing proving two testing; do
        for signal in KILL INT TERM HUP KILL; do
            BUDGET=45s stop_at $step "$((RANDOM % 3)).$((RANDOM % 1000))" $signal
            BUDGET=45s stop_at $step 0 $signal
        done
    done
done

# What the kills left goes at the next start of anything that makes a copy.
"$fettle" fix "$app" "$id" --budget 10s >"$work/out" 2>"$work/err" </dev/null
[ $? -le 3 ] || fail "the next start: $(cat "$work/err")"
undone 'the next start'
nothing_left 'the next start'

# A disk without room: for the work folder, and for the kept results.
little="$work/little"
mkdir "$little"
if mount -t tmpfs -o size=${SIZE:-3m} none "$little" 2>/dev/null; then
    mounts_before=$(grep -cF "$work" /proc/mounts)
    for where in TMPDIR XDG_CACHE_HOME; do
        mkdir -p "$little/d"
        head -c 10m /dev/zero >"$little/full" 2>/dev/null
        [ $where = XDG_CACHE_HOME ] || truncate -s 1m "$little/full"
        env $where="$little/d" timeout 100 "$fettle" fix "$app" "$id" --budget 10s >"$work/out" 2>"$work/err" </dev/null
        code=$?
        [ $code -le 3 ] || fail "a full $where: exit $code"
        [ $where = XDG_CACHE_HOME ] || [ $code != 3 ] || grep -qE 'room|space|left|folder|disk' "$work/err" || fail "a full $where: $(cat "$work/err")"
        undone "a full $where"
        nothing_left "a full $where"
        [ -z "$(ls -A "$little/d" | grep -v '^fettle$')" ] || fail "a full $where: left $(ls -A "$little/d")"
        rm -rf "$little"/*
    done
    umount "$little"
    mounts_before=$(grep -cF "$work" /proc/mounts)
else
    echo 'no tmpfs may be mounted here: the full disk was not tried'
fi

# A folder that cannot be written at all.
if mount --bind "$app" "$app" 2>/dev/null && mount -o remount,ro,bind "$app" 2>/dev/null; then
    mounts_before=$(grep -cF "$work" /proc/mounts)
    "$fettle" fix "$app" "$id" --budget 10s >"$work/out" 2>"$work/err" </dev/null
    [ $? -le 1 ] || fail "a read-only folder: $(cat "$work/err")"
    undone 'a read-only folder'
    nothing_left 'a read-only folder'
    umount "$app"
fi
set -e
[ "$tried" -ge 5 ] || fail "only $tried of the steps were reached"
echo "$tried stops"
done_here
