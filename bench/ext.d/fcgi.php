<?php
// Asks a page of php-fpm N times, one connection each, and prints the status of each answer. Fails on any but 200.
//   php fcgi.php SOCKET SCRIPT URI N
[, $socket, $script, $uri, $n] = $argv;

function pair(string $k, string $v): string
{
    $len = fn (int $n) => $n < 128 ? chr($n) : pack('N', $n | 0x80000000);
    return $len(strlen($k)) . $len(strlen($v)) . $k . $v;
}

function record(int $type, string $body): string
{
    return pack('CCnnCC', 1, $type, 1, strlen($body), 0, 0) . $body;
}

function ask(string $socket, array $params): string
{
    $c = stream_socket_client("unix://$socket", $code, $message, 60) ?: exit("connect: $message\n");
    stream_set_timeout($c, 600);
    $all = implode('', array_map('pair', array_keys($params), $params));
    fwrite($c, record(1, pack('nC6', 1, 0, 0, 0, 0, 0, 0)) . record(4, $all) . record(4, '') . record(5, ''));
    $out = '';
    while (strlen($head = (string) stream_get_contents($c, 8)) === 8) {
        ['type' => $type, 'n' => $len, 'pad' => $pad] = unpack('Cv/Ctype/nid/nn/Cpad/Cr', $head);
        $body = $len + $pad ? stream_get_contents($c, $len + $pad) : '';
        if ($type === 6)
            $out .= substr($body, 0, $len);
        if ($type === 3)
            break;
    }
    fclose($c);
    return $out;
}

for ($i = 0; $i < $n; $i++) {
    $answer = ask($socket, [
        'SCRIPT_FILENAME' => $script, 'SCRIPT_NAME' => '/index.php', 'REQUEST_URI' => $uri, 'DOCUMENT_URI' => $uri,
        'REQUEST_METHOD' => 'GET', 'QUERY_STRING' => '', 'SERVER_NAME' => 'localhost', 'SERVER_PORT' => '80', 'HTTP_HOST' => 'localhost',
        'SERVER_PROTOCOL' => 'HTTP/1.1', 'GATEWAY_INTERFACE' => 'CGI/1.1', 'REMOTE_ADDR' => '127.0.0.1',
        'DOCUMENT_ROOT' => dirname($script),
    ]);
    $status = preg_match('/^Status: (\d+)/m', $answer, $m) ? (int) $m[1] : 200;
    echo $status, ' ', strlen($answer), "\n";
    if ($status !== 200) {
        echo substr($answer, 0, 2000), "\n";
        exit(1);
    }
}
