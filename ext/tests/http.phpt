--TEST--
curl, curl_multi and streams: method and address without query, status, bytes; model calls by their shape
--SKIPIF--
<?php
if (!extension_loaded('curl')) die('skip no curl');
--FILE--
<?php
require __DIR__ . '/helper.inc';
require __DIR__ . '/server.inc';
$host = fettle_server();
ob_start();
fettle_run(<<<PHP
<?php
function get(\$path, \$body = null, \$o = [])
{
    \$c = curl_init("http://u:p@$host\$path");
    curl_setopt(\$c, CURLOPT_RETURNTRANSFER, true);
    if (\$body !== null)
        curl_setopt_array(\$c, [CURLOPT_POST => true, CURLOPT_POSTFIELDS => \$body]);
    curl_setopt_array(\$c, \$o);
    return curl_exec(\$c);
}
get('/plain?token=secret');
get('/status/404');
get('/thing', 'a=b', [CURLOPT_CUSTOMREQUEST => 'PUT']);
get('/v1/chat/completions', '{"model":"small-1","messages":[{"role":"user","content":"a, b"},{"role":"x","content":"[1,2]"}]}');
get('/v1/chat/completions?x=1', '{"stream": true, "messages":[], "model" : "small-1"}');
get('/status/429/embeddings', '{"input":["a","b","c\\\\"],["],"model":"embed-2"}');
get('/own/llm', '{"model":"mine","temperature":0.5,"prompt":"hello"}');
get('/v1beta/models/gem:generateContent', '{"contents":[{"parts":[]}]}');
get('/no/model', '{"model":"T","wheels":4}');
get('/no/json', '{"model":"T","messages":[');
\$c = curl_init('http://127.0.0.1:1/');
curl_setopt(\$c, CURLOPT_RETURNTRANSFER, true);
curl_exec(\$c);
\$m = curl_multi_init();
\$hs = [];
foreach (['/one', '/two?x', '/status/500'] as \$path) {
    \$hs[] = \$c = curl_init('http://$host' . \$path);
    curl_setopt(\$c, CURLOPT_RETURNTRANSFER, true);
    curl_multi_add_handle(\$m, \$c);
}
do {
    curl_multi_exec(\$m, \$on);
    curl_multi_select(\$m, 0.1);
} while (\$on);
foreach (\$hs as \$c)
    curl_multi_remove_handle(\$m, \$c);
file_get_contents('http://$host/file?secret');
@file_get_contents('http://$host/status/403');
\$ctx = stream_context_create(['http' => ['method' => 'POST', 'header' => "Content-Type: application/json\\r\\n", 'content' => '{"model":"m","messages":[1],"stream":true}']]);
\$f = fopen('http://$host/api/chat', 'r', false, \$ctx);
fopen('http://$host/x', 'r');
file_put_contents(__DIR__ . '/f.txt', 'abcdef');
file_get_contents(__DIR__ . '/f.txt');
PHP);
echo str_replace($host, 'HOST', ob_get_clean());
--EXPECT--
open cli [test.php]
1<0 http [GET http://HOST/plain] a=200 b=5 at test.php:9 in get
2<0 http [GET http://HOST/status/404] a=404 b=5 at test.php:9 in get +failed
3<0 http [PUT http://HOST/thing] a=200 b=5 at test.php:9 in get
4<0 ai [small-1] a=2 b=1 at test.php:9 in get
5<0 ai [small-1] b=3 at test.php:9 in get
6<0 ai [embed-2] a=3 b=2 at test.php:9 in get +failed
7<0 ai [mine] a=1 b=1 at test.php:9 in get
8<0 ai [POST http://HOST/v1beta/models/gem:generateContent] a=1 b=1 at test.php:9 in get
9<0 http [POST http://HOST/no/model] a=200 b=5 at test.php:9 in get
10<0 ai [T] b=1 at test.php:9 in get
11<0 http [GET http://127.0.0.1:1/] at test.php:23 +failed
12<0 http [GET http://HOST/one] a=200 b=5 at test.php:29
13<0 http [GET http://HOST/two] a=200 b=5 at test.php:29
14<0 http [GET http://HOST/status/500] a=500 b=5 at test.php:29 +failed
15<0 http [GET http://HOST/file] a=200 b=5 at test.php:37
16<0 http [GET http://HOST/status/403] a=403 at test.php:38 +failed
17<0 ai [m] a=1 b=3 at test.php:40
18<0 http [GET http://HOST/x] a=200 at test.php:41
19<0 file [file_put_contents] a=6 at test.php:42
20<0 file [file_get_contents] a=6 at test.php:43
close status=0 route=[-] action=[-] user=[-] spans=20 dropped=0 hydrated=0 lazy=0 events=0 refused=0
