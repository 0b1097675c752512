#!/usr/bin/env bash
# fettle check of the reference application with one N+1 planted: found at its line with its cost, in the list, the
# JSON and the page; the folder is as it was; and a check that is stopped leaves nothing.
source "$(dirname "$0")/../support/cli.bash"
needs jq pgrep
instances_allowed
small_app 'der laden'
app="$work/der laden"
mkdir "$work/tmp"
export TMPDIR=$work/tmp
file=app/Services/PerformanceCacheManager.php
# The sidebar's sessions lose their eager load; the row that is made of each reads the relation.
line=$(grep -n "with('agent:id,name')" "$app/$file" | head -1 | cut -d: -f1)
[ -n "$line" ] || { fail 'nothing to plant in'; done_here; }
sed -i "${line}d" "$app/$file"
before=$(hash_of "$app")

LIMIT=180 run 1 check "$app" --budget 40s -o "$work/report.html"
grep -E "^$file:[0-9]+: .* ms, .*\[n-plus-one-lazy\]" "$work/out" >"$work/line" || { fail 'the planted N+1 is not in the list'; cat "$work/out" "$work/err"; }
found=$(cut -d: -f2 "$work/line" | head -1)
# The query begins a few lines above what was taken out of it.
[ $((found >= line - 4 && found <= line + 10)) = 1 ] || fail "found at line $found, planted at $line"
[ -s "$work/report.html" ] || fail 'no page'
grep -qF "$file" "$work/report.html" || fail 'the page does not name the file'
! grep -qE '(src|href)="https?://' "$work/report.html" || fail 'the page asks the network for something'
[ "$(hash_of "$app")" = "$before" ] || fail 'the folder was changed'
[ -z "$(ls -A "$work/tmp")" ] || fail "left behind: $(ls -A "$work/tmp")"

run 0 report -o "$work/again.json" "$app"
holds '.measured.command == "check" and .measured.requests > 50 and .measured.took_s < 60' "$work/again.json"
holds '[.routes[] | .name and .median_ms > 0 and .queries >= 0] | length > 5 and all' "$work/again.json"
holds ".findings[] | select(.rule == \"n-plus-one-lazy\" and .file == \"$file\") |
    .tier == \"ranked\" and .cost.ms > 0 and .cost.share > 0 and .cost.calls >= 2 and .from == \"both\"
    and .fix.kind == \"auto\" and (.route | length > 0) and (.evidence | length > 0)" "$work/again.json"
holds '[.findings[] | select(.tier == "ranked" and .cost) | .cost.ms] | . == (sort | reverse)' "$work/again.json"
number=$(jq -r ".findings[] | select(.rule == \"n-plus-one-lazy\" and .file == \"$file\") | .number" "$work/again.json" | head -1)
run 0 why "$number" "$app"
out_has "$file:$found"
out_has 'select'
! grep -q '@research.test' "$work/again.json" || fail 'the result holds data of the application'

# Ctrl-C in the middle: within two seconds no process of it is left, and no folder.
stop_in() { # SECONDS SIGNAL
    setsid "$fettle" check "$app" --budget 40s >"$work/out" 2>"$work/err" </dev/null &
    local pid=$! started code=0 left
    sleep "$1"
    kill -0 $pid 2>/dev/null || { fail "it ended before it was stopped"; wait $pid || true; return; }
    kill -"$2" $pid
    started=$(date +%s%N)
    wait $pid || code=$?
    [ $(($(date +%s%N) - started)) -lt 2500000000 ] || fail "$2 took $((($(date +%s%N) - started) / 1000000)) ms"
    [ $code = "$3" ] || fail "$2: exit $code, not $3"
    for _ in $(seq 40); do left=$(pgrep -s $pid || true); [ -n "$left" ] || break; sleep 0.05; done
    [ -z "$left" ] || fail "$2: processes are left: $left"
    left=$(grep -lsF "$work/tmp" /proc/[0-9]*/environ /proc/[0-9]*/cmdline 2>/dev/null | grep -v "/$$/" || true)
    for p in $left; do
        p=${p#/proc/}; p=${p%%/*}
        case $(cat "/proc/$p/comm" 2>/dev/null) in php* | fettle* | redis* | maria* | postgres*) fail "$2: $(tr '\0' ' ' <"/proc/$p/cmdline") is left" ;; esac
    done
    # What a kill leaves goes at the next start.
    [ "$2" = KILL ] || [ -z "$(ls -A "$work/tmp")" ] || { fail "$2: left behind: $(ls -A "$work/tmp")"; rm -rf "$work/tmp"/*; }
    grep -qF "$work/tmp" /proc/mounts && fail "$2: a mount is left"
    return 0
}
set +e
stop_in 0.3 INT 130
stop_in 1.5 INT 130
stop_in 1 KILL 137
stop_in 0.8 HUP 129
stop_in 4 KILL 137
stop_in 4 TERM 143
set -e
[ "$(hash_of "$app")" = "$before" ] || fail 'the folder was changed'
done_here
