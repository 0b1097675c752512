#!/usr/bin/env bash
# fettle trace: a script of the user's own under the extension; its statements with the line that asked.
source "$(dirname "$0")/../support/cli.bash"
needs php
[ -f "$build/fettle.so" ] || { echo "no $build/fettle.so"; exit 77; }
php -m | grep -qx pdo_sqlite || { echo 'no pdo_sqlite'; exit 77; }
mkdir "$work/meine skripte" "$work/tmp"
cd "$work/meine skripte"
export TMPDIR=$work/tmp
cat >zähle.php <<'PHP'
<?php

$db = new PDO('sqlite::memory:');
$db->exec('create table post (id integer primary key, title text)');
for ($i = 1; $i <= 3; $i++) {
    $db->exec("insert into post (title) values ('secret $i')");
}
foreach ($db->query('select id from post') as $row) {
    $one = $db->prepare('select title from post where id = ?');
    $one->execute([$row['id']]);
    echo $one->fetchColumn(), "\n";
}
exit((int) ($argv[1] ?? 0));
PHP
run 0 trace -- php zähle.php
out_has 'secret 3'
err_has 'select id from post'
err_has 'select title from post where id = ?'
err_has 'zähle.php:10'
err_has 'zähle.php:8'
! grep -q "secret" "$work/err" || fail 'a value of a statement is in the trace'
run 7 trace -- php zähle.php 7
run 0 trace --raw -- php zähle.php
[ "$(grep -c 'select title from post where id = ?' "$work/err")" -ge 3 ] || fail 'raw: fewer than three statements'
run 0 trace -- true
err_has 'no trace came'
run 127 trace -- "$work/none"
err_has 'cannot start'
run 3 trace --extension "$work/none.so" -- php zähle.php
printf '<?php\nfunction f() { throw new LogicException("on purpose"); }\nf();\n' >dies.php
run 255 trace -- php dies.php
[ -z "$(ls -A "$work/tmp")" ] || fail "left behind: $(ls -A "$work/tmp")"
done_here
