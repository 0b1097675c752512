--TEST--
The connection guard: PDO and SQLite3 reach what is allowed, all else fails like a server that is not there
--SKIPIF--
<?php
if (!extension_loaded('sqlite3')) die('skip no sqlite3');
--FILE--
<?php
require __DIR__ . '/helper.inc';
$dir = fettle_folder();
mkdir("$dir/sub");
touch("$dir/mine.sqlite");
touch("$dir/theirs.sqlite");
symlink("$dir/theirs.sqlite", "$dir/link.sqlite");
symlink("$dir/mine.sqlite", "$dir/good.sqlite");
$code = <<<PHP
<?php
function try_it(\$what, \$f) { try { \$f(); echo \$what, " ok\n"; } catch (Throwable \$e) { echo \$what, ' ', get_class(\$e), ' ', \$e->getCode(), ' ', \$e->getMessage(), "\n"; } }
foreach (['sqlite::memory:', 'sqlite:', 'sqlite:$dir/mine.sqlite', 'sqlite:$dir/sub/../mine.sqlite', 'sqlite:$dir/good.sqlite',
          'sqlite:$dir/theirs.sqlite', 'sqlite:$dir/link.sqlite', 'sqlite:$dir/new.sqlite', 'mysql:host=db.example.com;dbname=x',
          'mysql:unix_socket=/run/mysqld/mysqld.sock;dbname=x', 'pgsql:host=10.0.0.1 dbname=x', 'pgsql:dbname=x', 'uri:file:///etc/dsn', 'alias'] as \$dsn)
    try_it(\$dsn, fn () => new PDO(\$dsn));
foreach (['$dir/mine.sqlite', '$dir/theirs.sqlite', ':memory:'] as \$f)
    try_it("SQLite3 \$f", fn () => new SQLite3(\$f));
try_it('open', fn () => (new SQLite3(':memory:'))->open('$dir/theirs.sqlite'));
PHP;
fettle_run($code, ['fettle.dsn_allow' => "127.0.0.1;$dir/mine.sqlite"]);
echo file_exists("$dir/new.sqlite") ? "made a file\n" : "made no file\n";
echo "-- without a collector the guard stands alone\n";
echo str_replace($dir, '%DIR%', shell_exec(fettle_command(fettle_file($code), ['fettle.dsn_allow' => "$dir/mine.sqlite"], true)));
--EXPECT--
out: sqlite::memory: ok
sqlite: ok
sqlite:%DIR%/mine.sqlite ok
sqlite:%DIR%/sub/../mine.sqlite ok
sqlite:%DIR%/good.sqlite ok
sqlite:%DIR%/theirs.sqlite PDOException 2002 fettle: connection refused, sqlite:%DIR%/theirs.sqlite is not named in fettle.dsn_allow
sqlite:%DIR%/link.sqlite PDOException 2002 fettle: connection refused, sqlite:%DIR%/link.sqlite is not named in fettle.dsn_allow
sqlite:%DIR%/new.sqlite PDOException 2002 fettle: connection refused, sqlite:%DIR%/new.sqlite is not named in fettle.dsn_allow
mysql:host=db.example.com;dbname=x PDOException 2002 fettle: connection refused, mysql:host=db.example.com is not named in fettle.dsn_allow
mysql:unix_socket=/run/mysqld/mysqld.sock;dbname=x PDOException 2002 fettle: connection refused, mysql:unix_socket=/run/mysqld/mysqld.sock is not named in fettle.dsn_allow
pgsql:host=10.0.0.1 dbname=x PDOException 2002 fettle: connection refused, pgsql:host=10.0.0.1 dbname=x is not named in fettle.dsn_allow
pgsql:dbname=x PDOException 2002 fettle: connection refused, pgsql:dbname=x is not named in fettle.dsn_allow
uri:file:///etc/dsn PDOException 2002 fettle: connection refused, uri:file:///etc/dsn is not named in fettle.dsn_allow
alias PDOException 2002 fettle: connection refused, alias is not named in fettle.dsn_allow
SQLite3 %DIR%/mine.sqlite ok
SQLite3 %DIR%/theirs.sqlite Exception 2002 fettle: connection refused, %DIR%/theirs.sqlite is not named in fettle.dsn_allow
SQLite3 :memory: ok
open Exception 2002 fettle: connection refused, %DIR%/theirs.sqlite is not named in fettle.dsn_allow
open cli [test.php]
1<0 connect [sqlite::memory:] at test.php:8 in {closure} from try_it
2<0 connect [sqlite:] at test.php:8 in {closure} from try_it
3<0 connect [sqlite:mine.sqlite] at test.php:8 in {closure} from try_it
4<0 connect [sqlite:sub/../mine.sqlite] at test.php:8 in {closure} from try_it
5<0 connect [sqlite:good.sqlite] at test.php:8 in {closure} from try_it
6<0 connect [sqlite:theirs.sqlite] at test.php:8 in {closure} from try_it +failed+refused
7<0 connect [sqlite:link.sqlite] at test.php:8 in {closure} from try_it +failed+refused
8<0 connect [sqlite:new.sqlite] at test.php:8 in {closure} from try_it +failed+refused
9<0 connect [mysql:host=db.example.com;dbname=x] at test.php:8 in {closure} from try_it +failed+refused
10<0 connect [mysql:unix_socket=/run/mysqld/mysqld.sock;dbname=x] at test.php:8 in {closure} from try_it +failed+refused
11<0 connect [pgsql:host=10.0.0.1 dbname=x] at test.php:8 in {closure} from try_it +failed+refused
12<0 connect [pgsql:dbname=x] at test.php:8 in {closure} from try_it +failed+refused
13<0 connect [uri:file:///etc/dsn] at test.php:8 in {closure} from try_it +failed+refused
14<0 connect [alias] at test.php:8 in {closure} from try_it +failed+refused
15<0 connect [sqlite:mine.sqlite] at test.php:10 in {closure} from try_it
16<0 connect [sqlite:theirs.sqlite] at test.php:10 in {closure} from try_it +failed+refused
17<0 connect [sqlite::memory:] at test.php:10 in {closure} from try_it
18<0 connect [sqlite::memory:] at test.php:11 in {closure} from try_it
19<0 connect [sqlite:theirs.sqlite] at test.php:11 in {closure} from try_it +failed+refused
close status=0 route=[-] action=[-] user=[-] spans=19 dropped=0 hydrated=0 lazy=0 events=0 refused=11
made no file
-- without a collector the guard stands alone
sqlite::memory: ok
sqlite: ok
sqlite:%DIR%/mine.sqlite ok
sqlite:%DIR%/sub/../mine.sqlite ok
sqlite:%DIR%/good.sqlite ok
sqlite:%DIR%/theirs.sqlite PDOException 2002 fettle: connection refused, sqlite:%DIR%/theirs.sqlite is not named in fettle.dsn_allow
sqlite:%DIR%/link.sqlite PDOException 2002 fettle: connection refused, sqlite:%DIR%/link.sqlite is not named in fettle.dsn_allow
sqlite:%DIR%/new.sqlite PDOException 2002 fettle: connection refused, sqlite:%DIR%/new.sqlite is not named in fettle.dsn_allow
mysql:host=db.example.com;dbname=x PDOException 2002 fettle: connection refused, mysql:host=db.example.com is not named in fettle.dsn_allow
mysql:unix_socket=/run/mysqld/mysqld.sock;dbname=x PDOException 2002 fettle: connection refused, mysql:unix_socket=/run/mysqld/mysqld.sock is not named in fettle.dsn_allow
pgsql:host=10.0.0.1 dbname=x PDOException 2002 fettle: connection refused, pgsql:host=10.0.0.1 dbname=x is not named in fettle.dsn_allow
pgsql:dbname=x PDOException 2002 fettle: connection refused, pgsql:dbname=x is not named in fettle.dsn_allow
uri:file:///etc/dsn PDOException 2002 fettle: connection refused, uri:file:///etc/dsn is not named in fettle.dsn_allow
alias PDOException 2002 fettle: connection refused, alias is not named in fettle.dsn_allow
SQLite3 %DIR%/mine.sqlite ok
SQLite3 %DIR%/theirs.sqlite Exception 2002 fettle: connection refused, %DIR%/theirs.sqlite is not named in fettle.dsn_allow
SQLite3 :memory: ok
open Exception 2002 fettle: connection refused, %DIR%/theirs.sqlite is not named in fettle.dsn_allow
