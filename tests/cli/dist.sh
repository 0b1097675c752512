#!/usr/bin/env bash
# The tarball of scripts/dist, unpacked elsewhere, with nothing in PATH but PHP and the plainest tools: it reads and
# checks an application.
source "$(dirname "$0")/../support/cli.bash"
needs jq php cmake ninja
instances_allowed
"$top/scripts/dist" "$work/dist" >"$work/dist.log" 2>&1 || { tail -n 30 "$work/dist.log"; fail 'scripts/dist'; done_here; }
tarball=$(echo "$work"/dist/fettle-*-linux-*-php*.tar.gz)
mkdir "$work/else where" && tar -xzf "$tarball" -C "$work/else where"
home=$(echo "$work/else where"/fettle-*)
for f in bin/fettle lib/fettle/fettle.so README.md docs/design.md; do [ -s "$home/$f" ] || fail "the tarball has no $f"; done
! grep -aqF "$top" "$home/bin/fettle" || fail 'the program names the folder that it was built in'

# A PATH of PHP alone, and no sight of the sources.
mkdir "$work/path" "$work/tmp"
for t in php php-fpm git sh env; do
    p=$(command -v $t || ls /usr/sbin/$t* 2>/dev/null | head -1 || true)
    [ -z "$p" ] || ln -s "$(readlink -f "$p")" "$work/path/$t"
done
small_app app
before=$(hash_of "$work/app")
bare() { timeout 180 env -i PATH="$work/path" HOME="$work" XDG_CACHE_HOME="$work/cache" TMPDIR="$work/tmp" "$home/bin/fettle" "$@"; }
for t in cmake gcc cc node npm composer; do
    ! PATH="$work/path" command -v $t >/dev/null || fail "$t is in the bare PATH"
done
code=0
bare audit "$work/app" --json >"$work/out" || code=$?
[ $code -le 1 ] || fail "audit: exit $code"
holds '.app.files > 50 and .measured.command == "audit"'
code=0
bare check "$work/app" --budget 25s --json -o "$work/r.html" >"$work/out" 2>"$work/err" || code=$?
[ $code -le 1 ] || { fail "check: exit $code"; cat "$work/err"; }
holds '.measured.command == "check" and .measured.requests > 20 and (.routes | length) > 5'
grep -q '<!doctype html>' "$work/r.html" || fail 'no page'
code=0
(cd "$work" && printf '<?php (new PDO("sqlite::memory:"))->query("select 42");' >s.php && bare trace -- php s.php) 2>"$work/err" || code=$?
[ $code = 0 ] || fail "trace: exit $code"
err_has 's.php:1'
[ "$(hash_of "$work/app")" = "$before" ] || fail 'the folder was changed'
[ -z "$(ls -A "$work/tmp")" ] || fail "left behind: $(ls -A "$work/tmp")"
done_here
