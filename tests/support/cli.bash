# Shared by tests/cli/*.sh: source it with the build folder as $1. Each test has its own temporary folder and cache,
# says what failed by the line that failed, and ends with `done_here`.
set -euo pipefail
build=$(cd "$1" && pwd)
top=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
fettle=$build/fettle
[ -x "$fettle" ] || { echo "no $fettle: build it first"; exit 77; }
export FETTLE_CACHE=${FETTLE_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/fettle}
work=$(mktemp -d "${TMPDIR:-/tmp}/fettle-cli.XXXXXX")
trap 'rm -rf "$work"' EXIT
export XDG_CACHE_HOME=$work/cache NO_COLOR=1
failures=0
fail() { echo "FAIL ${BASH_LINENO[-2]}: $*"; failures=$((failures + 1)); }

# run CODE ARGUMENTS…: fettle with these arguments must end with CODE; its output is in $work/out and $work/err.
run() {
    local want=$1 code=0
    shift
    timeout "${LIMIT:-120}" "$fettle" "$@" >"$work/out" 2>"$work/err" </dev/null || code=$?
    [ "$code" = "$want" ] || { fail "fettle $*: exit $code, not $want"; head -n 20 "$work/err" "$work/out"; }
}
out_has() { grep -qF -- "$1" "$work/out" || { fail "stdout has no: $1"; head -n 20 "$work/out"; }; }
err_has() { grep -qF -- "$1" "$work/err" || { fail "stderr has no: $1"; head -n 20 "$work/err"; }; }
# holds JQ-EXPRESSION [FILE]: true of the JSON on stdout
holds() { jq -e "$1" "${2:-$work/out}" >/dev/null 2>&1 || { fail "not true: $1"; head -c 600 "${2:-$work/out}"; }; }
# The hash of a folder: names, kinds, modes and contents.
hash_of() { (cd "$1" && find . -printf '%p %y %m %l\n' | LC_ALL=C sort; find . -type f -print0 | LC_ALL=C sort -z | xargs -0r sha256sum) | sha256sum; }
needs() { local t; for t in "$@"; do command -v "$t" >/dev/null || { echo "no $t on this machine"; exit 77; }; done; }
# The reference application with its small data in $work/$1 (and one N+1 planted: see plant).
small_app() {
    needs php composer npm sqlite3
    "$top/scripts/app-setup" --small "$work/$1" >"$work/setup.log" 2>&1 || { cat "$work/setup.log"; echo 'the reference application could not be made'; exit 77; }
}
instances_allowed() {
    [ -f "$build/fettle.so" ] || { echo "no $build/fettle.so"; exit 77; }
    unshare -rn true 2>/dev/null || unshare -n true 2>/dev/null || { echo 'this machine allows no namespaces'; exit 77; }
}
done_here() { [ "$failures" = 0 ] || { echo "$failures failures"; exit 1; }; echo ok; }
