#!/usr/bin/env bash
# fettle check of what cannot be run or measured: one sentence of what and where, what to do next, exit 3, the half
# that needs no running application still shown, nothing changed and nothing left behind.
source "$(dirname "$0")/../support/cli.bash"
needs jq php
instances_allowed
mkdir "$work/tmp"
export TMPDIR=$work/tmp
left_behind() { [ -z "$(ls -A "$work/tmp")" ] || fail "left behind: $(ls -A "$work/tmp")"; }

# Not an application, not a folder, nothing there: one sentence and one line of what to do.
mkdir "$work/empty" && touch "$work/file"
for what in "$work/empty" "$work/file" "$work/none"; do
    run 3 check "$what"
    err_has "$what"
    [ "$(wc -l <"$work/err")" = 2 ] && grep -q '^  do   give the folder' "$work/err" || fail "$what: $(cat "$work/err")"
done

# No vendor/: its packages are not installed.
cp -a "$top/tests/apps/shop" "$work/shop"
before=$(hash_of "$work/shop")
run 3 check "$work/shop"
err_has 'no vendor/autoload.php'
err_has 'composer install'
out_has 'app/Models/Order.php:100'
run 3 check "$work/shop" --json
holds '.measured.problem and .measured.next == "composer install"'
holds '.findings | length > 0'
[ "$(hash_of "$work/shop")" = "$before" ] || fail 'the folder was changed'

# A bad fettle.toml: the line is named, nothing is run.
toml() { printf '%b' "$1" >"$work/shop/fettle.toml"; }
toml '[check]\nbudget = "60s"\ncolour = "red"\n'
run 3 check "$work/shop"
err_has 'fettle.toml line 3'
err_has 'check.colour'
toml '[check]\nbudget = "soon"\n'
run 3 check "$work/shop"
err_has 'fettle.toml line 2'
toml '[check\n'
run 3 check "$work/shop"
err_has 'line 1'
toml '[[step]]\npath = "posts"\n'
run 3 check "$work/shop"
err_has 'step 1'
rm "$work/shop/fettle.toml"
run 3 check "$work/shop" -c "$work/none.toml"
err_has none.toml

# The reference application, broken in three ways.
TMPDIR=/tmp small_app app
app=$work/app
run 3 check "$app" --extension "$work/none.so"
err_has "there is no extension $work/none.so"
mkdir "$work/alone" && cp "$fettle" "$work/alone/fettle"
code=0
"$work/alone/fettle" check "$app" >"$work/out" 2>"$work/err" || code=$?
[ $code = 3 ] || fail "without an extension: exit $code"
err_has 'fettle.so is not beside the program'
printf 'no extension' >"$work/alone/fettle.so"
code=0
timeout 60 "$work/alone/fettle" check "$app" >"$work/out" 2>"$work/err" || code=$?
[ $code = 3 ] || fail "with an extension that PHP refuses: exit $code"
grep -q 'fettle.so' "$work/err" || fail 'the refused extension is not named'
run 3 check "$app" --php "$work/none"
err_has "$work/none"
left_behind

# No key, no .env, no right to read, a file that does not parse, a database server that is away.
cp -a "$app/.env" "$work/env"
refused() { # WORDS NEXT: check says so, tells what to do next, changes nothing and leaves nothing
    local before
    before=$(hash_of "$app")
    run 3 check "$app" --budget 20s
    err_has "$1"
    err_has "$2"
    [ "$(hash_of "$app")" = "$before" ] || fail "$1: the folder was changed"
    left_behind
}
sed -i 's/^APP_KEY=.*/APP_KEY=/' "$app/.env"
refused 'APP_KEY is empty' 'php artisan key:generate'
rm "$app/.env"
refused 'has no .env and no APP_KEY' 'cp .env.example .env'
sed 's/^DB_CONNECTION=.*/DB_CONNECTION=mysql\nDB_HOST=127.0.0.1\nDB_PORT=9/' "$work/env" >"$app/.env"
refused 'cannot be reached' 'start the server'
cp -a "$work/env" "$app/.env"
printf '<?php\n\nclass Broken\n{\n    public function x( { return 1; }\n}\n' >"$app/app/Broken.php"
run 0 audit "$app" --json
holds '.skipped[] | select(.what == "app/Broken.php" and .line == 5 and (.why | length > 0))'
rm "$app/app/Broken.php"

cp -a "$app/bootstrap/app.php" "$work/app.php"
printf '<?php\n\nthrow new RuntimeException("the licence server is away");\n' >"$app/bootstrap/app.php"
before=$(hash_of "$app")
run 3 check "$app" --budget 20s
err_has 'the licence server is away'
[ "$(hash_of "$app")" = "$before" ] || fail 'the folder was changed'
left_behind
cp "$work/app.php" "$app/bootstrap/app.php"

# A database that is not there: said, and never made in the user's folder.
sed -i 's/^DB_CONNECTION=.*/DB_CONNECTION=sqlite/; s|^#\? *DB_DATABASE=.*|DB_DATABASE=database/none.sqlite|' "$app/.env"
grep -q '^DB_DATABASE=database/none.sqlite' "$app/.env" || echo 'DB_DATABASE=database/none.sqlite' >>"$app/.env"
before=$(hash_of "$app")
code=0
timeout 120 "$fettle" check "$app" --budget 20s >"$work/out" 2>"$work/err" || code=$?
[ $code = 3 ] || [ $code -le 1 ] || fail "no database: exit $code"
[ "$(hash_of "$app")" = "$before" ] || fail 'the folder was changed'
left_behind
done_here
