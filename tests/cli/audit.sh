#!/usr/bin/env bash
# fettle audit: what it prints, its JSON, its exit codes, and that it writes nothing into the application.
source "$(dirname "$0")/../support/cli.bash"
needs jq

app="$work/läden und more/shop ☂"
mkdir -p "$app"
cp -a "$top/tests/apps/shop/." "$app/"
cp -a "$top/tests/apps/shop" "$work/shop"
before=$(hash_of "$app")

run 1 audit "$app"
diff - "$work/out" <<'GOLD' || fail 'the plain list is another one'
app/Models/Order.php:100: warning: lines are read and built only to add up one column [hydrate-then-aggregate] auto
app/Http/Controllers/OrderController.php:18: warning: all orders are read at once, without a limit [unbounded-get] suggest
GOLD
run 1 audit "$app" --json
holds '.schema == 1 and (.tool | startswith("fettle "))'
holds '.app.name and (.app.dir | endswith("läden und more/shop ☂")) and .app.files > 20 and .app.routes > 10 and .app.models > 3'
holds '.measured.command == "audit" and (.measured.requests == 0)'
holds '.summary.verdict and (.summary.ranked | type == "number")'
holds '[.findings[] | .id, .rule, .file, .message, .fix.kind | type == "string"] | all'
holds '.findings[0] | .file == "app/Models/Order.php" and .line == 100 and (.places[0].text | contains("sum"))'
holds '.skipped[] | select(.what == "resources/views/broken.php") | .line == 3 and (.why | contains("does not parse"))'
cp "$work/out" "$work/first.json"
run 1 audit "$app" --json
[ "$(jq -cS '.findings' "$work/out")" = "$(jq -cS '.findings' "$work/first.json")" ] || fail 'two runs give two lists'

# The folder alone is `fettle audit .`; the result is there for why and report.
(cd "$app" && code=0 && "$fettle" >"$work/out" 2>"$work/err" || code=$?; [ "${code:-0}" = 1 ]) || fail 'fettle alone'
out_has 'app/Models/Order.php:100'
run 0 why 1 "$app"
out_has 'app/Models/Order.php:100'
run 0 why 1 "$app" --json
holds '.rule == "hydrate-then-aggregate"'
run 3 why 99 "$app"
err_has 'has no finding 99'
run 0 report -o "$work/r.html" "$app"
grep -q '<!doctype html>' "$work/r.html" || fail 'the report is no page'
grep -qF 'hydrate-then-aggregate' "$work/r.html" || fail 'the page has no finding'
run 1 audit "$app" -o "$work/r.json"
cmp -s <(jq -S .findings "$work/r.json") <(jq -S .findings "$work/first.json") || fail 'the file and stdout differ'
run 1 audit "$app" --rule hydrate-then-aggregate
run 0 audit "$app" --rule n-plus-one-lazy
[ "$(hash_of "$app")" = "$before" ] || fail 'the folder was changed'

# A file that does not parse: named with its line, the rest is read all the same.
printf '<?php\n\nnamespace App\\Models;\n\nclass Torn extends Model\n{\n    public function lines( {{{\n' >"$work/shop/app/Models/Torn.php"
run 1 audit "$work/shop" --json
holds '.skipped[] | select(.what == "app/Models/Torn.php") | .line >= 1'
holds '.findings[] | select(.file == "app/Models/Order.php" and .line == 100)'
head -c 100000 /dev/urandom >"$work/shop/app/Models/Noise.php"
: >"$work/shop/app/Models/Nothing.php"
run 1 audit "$work/shop"
out_has 'app/Models/Order.php:100'
printf '{ "require": [' >"$work/shop/composer.json"
run 1 audit "$work/shop" --json
holds '.skipped[] | select(.what == "composer.json") | .why | startswith("not JSON")'

# Output that cannot be written.
code=0
"$fettle" audit "$app" >/dev/full 2>"$work/err" || code=$?
[ $code = 3 ] || fail "a full disk under stdout: exit $code"
err_has 'standard output cannot be written'
code=0
"$fettle" audit "$app" >&- 2>"$work/err" || code=$?
[ $code = 3 ] || fail "a closed stdout: exit $code"
(set +o pipefail; "$fettle" audit "$app" --json 2>/dev/null | true)
run 3 audit "$app" -o "$work/no/such/folder/r.html"
err_has "$work/no/such/folder"
run 3 audit "$app" -o "$work/r.pdf"
err_has 'unknown kind of report'
if [ "$(id -u)" = 0 ] && unshare -m true 2>/dev/null; then
    mkdir "$work/tiny"
    code=0
    unshare -m bash -c 'mount -t tmpfs -o size=16k none "$1" && exec "$2" audit "$3" -o "$1/r.html"' - \
        "$work/tiny" "$fettle" "$app" >/dev/null 2>"$work/err" || code=$?
    [ $code = 3 ] || fail "a full disk under -o: exit $code"
    err_has "$work/tiny"
fi
# A cache that cannot be written: the result is shown all the same.
XDG_CACHE_HOME=/proc/none run 1 audit "$app"
out_has 'app/Models/Order.php:100'
done_here
