#!/usr/bin/env bash
# What the command line itself says: help of every command, and one sentence with exit 2 or 3 for what it cannot take.
source "$(dirname "$0")/../support/cli.bash"
needs jq

for c in audit check fix why report trace prove rules; do
    run 0 $c -h
    out_has "fettle $c"
    out_has 'Examples'
    [ "$(awk '{ if (length($0) > 130) n++ } END { print n + 0 }' "$work/out")" = 0 ] || fail "$c -h has endless lines"
    run 0 help $c
done
run 0 -h
for c in audit check fix why report trace prove rules; do out_has "fettle $c"; done
run 0 --version
grep -qE '^fettle [0-9]+\.[0-9]+' "$work/out" || fail 'no version'

run 2 nosuch
err_has 'there is no command "nosuch"'
for c in audit check fix why report prove rules; do
    run 2 $c --nosuch
    err_has 'there is no option --nosuch'
done
run 2 check --budget soon
err_has '--budget has a value that it cannot take'
run 2 check --budget
err_has '--budget needs a value'
run 2 audit --json=yes
err_has 'takes no value'
run 2 audit "$top/tests/apps/shop" --rule nosuch
err_has 'there is no rule nosuch'
err_has 'fettle rules'
run 2 rules nosuch
run 2 why
run 2 report
run 2 trace

mkdir "$work/empty"
for c in audit check fix; do
    run 3 $c "$work/empty"
    err_has 'is not a Laravel application'
    err_has 'composer.json and artisan'
    run 3 $c "$work/nothing"
    err_has 'there is no folder'
done
run 3 why 1 "$work/empty"
err_has 'run fettle check first'

run 0 rules
out_has n-plus-one-lazy
run 0 rules --json
holds 'length >= 22 and all(.[]; .rule and .family and .title)'
done_here
