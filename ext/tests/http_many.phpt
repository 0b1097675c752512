--TEST--
A pool of 150 requests at once: each has its span
--SKIPIF--
<?php
if (!extension_loaded('curl')) die('skip no curl');
--FILE--
<?php
require __DIR__ . '/helper.inc';
ob_start();
fettle_run(<<<'PHP'
<?php
$m = curl_multi_init();
for ($i = 0; $i < 150; $i++) {
    $h[$i] = curl_init("http://127.0.0.1:1/$i");
    curl_multi_add_handle($m, $h[$i]);
}
do {
    curl_multi_exec($m, $on);
    curl_multi_select($m, 0.1);
} while ($on);
foreach ($h as $c)
    curl_multi_remove_handle($m, $c);
PHP);
$said = ob_get_clean();
echo substr_count($said, ' http [GET http://127.0.0.1:1/'), " spans\n", preg_match('/dropped=\d+/', $said, $x) ? $x[0] : 'no close', "\n";
--EXPECT--
150 spans
dropped=0
