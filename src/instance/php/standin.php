<?php

// The world outside, as the app inside sees it: every address answers here. It runs inside the network namespace, where
// each IPv4 address is local and every name resolves to loopback (the DNS below), so URLs stay as the app wrote them.
//
//   standin.php DIR HTTP_MS AI_MS PORT…
//
// HTTP/1.1 and TLS on every port given (told apart by the first byte; a certificate per name, signed by a private
// authority that only this instance trusts), DNS over UDP. Calls with the shape of a model call get an answer of that
// shape, others an empty JSON object. Latency is invented, not measured: the report says so.

[, $dir, $httpMs, $aiMs] = $argv;
$ports = array_unique(array_map('intval', array_slice($argv, 4)));

/** The private authority, and the bundle that the instance's PHP trusts: the system's own plus ours. */
final class Authority
{
    private $key, $certificate, $leafKey;
    private string $leafPem = '';
    private array $made = [];

    public function __construct(private string $dir)
    {
        $this->key = openssl_pkey_new(['private_key_type' => OPENSSL_KEYTYPE_EC, 'curve_name' => 'prime256v1']);
        $this->leafKey = openssl_pkey_new(['private_key_type' => OPENSSL_KEYTYPE_EC, 'curve_name' => 'prime256v1']);
        openssl_pkey_export($this->leafKey, $this->leafPem);
        $csr = openssl_csr_new(['commonName' => 'fettle private instance'], $this->key, $this->options('ca'));
        $this->certificate = openssl_csr_sign($csr, null, $this->key, 2, $this->options('ca'), random_int(1, PHP_INT_MAX));
        openssl_x509_export($this->certificate, $pem);
        $bundle = '';
        foreach (array_filter([openssl_get_cert_locations()['ini_cafile'], '/etc/ssl/certs/ca-certificates.crt', '/etc/pki/tls/certs/ca-bundle.crt', '/etc/ssl/cert.pem']) as $file) {
            if (is_readable($file) && ($bundle = (string) file_get_contents($file)) !== '') {
                break;
            }
        }
        file_put_contents("$dir/ca.pem.part", $bundle."\n".$pem);
        rename("$dir/ca.pem.part", "$dir/ca.pem");
    }

    private function options(string $section, string $name = 'localhost'): array
    {
        $file = "$this->dir/tmp/openssl.".md5($name.$section).'.cnf';
        file_put_contents($file, "[req]\ndistinguished_name=dn\n[dn]\n[ca]\nbasicConstraints=critical,CA:TRUE\nkeyUsage=critical,keyCertSign,cRLSign\nsubjectKeyIdentifier=hash\n"
            ."[leaf]\nbasicConstraints=CA:FALSE\nextendedKeyUsage=serverAuth\nsubjectAltName=".(filter_var($name, FILTER_VALIDATE_IP) ? 'IP' : 'DNS').":$name\n");

        return ['config' => $file, 'digest_alg' => 'sha256', 'x509_extensions' => $section, 'req_extensions' => null];
    }

    /** The file with key and certificate for one name. */
    public function leaf(string $name): string
    {
        if (! isset($this->made[$name])) {
            $options = $this->options('leaf', $name);
            $csr = openssl_csr_new(['commonName' => substr($name, 0, 60)], $this->leafKey, $options);
            openssl_x509_export(openssl_csr_sign($csr, $this->certificate, $this->key, 2, $options, random_int(1, PHP_INT_MAX)), $pem);
            $this->made[$name] = "$this->dir/tmp/leaf.".md5($name).'.pem';
            file_put_contents($this->made[$name], $this->leafPem.$pem);
        }

        return $this->made[$name];
    }
}

/** The server name of a TLS ClientHello (RFC 8446 4.1.2, RFC 6066 3); null when more bytes are needed, '' when absent. */
function serverName(string $hello): ?string
{
    $u16 = fn (int $at) => strlen($hello) >= $at + 2 ? unpack('n', $hello, $at)[1] : null;
    $length = $u16(3);
    if ($length === null || strlen($hello) < min($length + 5, 4096)) {
        return null;
    }
    $at = 43 + 1 + ord($hello[43] ?? "\0");                    // session id
    $at += 2 + ($u16($at) ?? 0);                                // cipher suites
    $at += 1 + ord($hello[$at] ?? "\0");                        // compression methods
    $end = $at + 2 + ($u16($at) ?? 0);
    for ($at += 2; $at + 4 <= min($end, strlen($hello)); $at += 4 + $size) {
        $size = (int) $u16($at + 2);
        if ($u16($at) === 0) {
            $name = substr($hello, $at + 9, (int) $u16($at + 7));

            return preg_match('/^[\w.-]{1,253}$/', $name) ? strtolower($name) : '';
        }
    }

    return '';
}

/** Deterministic numbers for a text, so that the same input always has the same embedding. */
function vector(string $text, int $n): array
{
    $out = [];
    $state = crc32($text);
    for ($i = 0; $i < $n; $i++) {
        $state = ($state * 1103515245 + 12345) & 0x7FFFFFFF;
        $out[] = round($state / 0x40000000 - 1, 6);
    }

    return $out;
}

function words(mixed $value): int
{
    return is_array($value) ? array_sum(array_map('words', $value)) : (is_string($value) ? str_word_count($value) + 1 : 0);
}

/** [is it a model call, body, content type] for a request. */
function answerTo(string $method, string $path, array $in): array
{
    $text = 'This is a stand-in answer: a private instance reaches no model.';
    $model = (string) ($in['model'] ?? 'stand-in');
    $tokens = words($in['messages'] ?? $in['input'] ?? $in['prompt'] ?? $in['contents'] ?? '');
    $json = fn (array $body) => [true, json_encode($body), 'application/json'];
    $stream = ! empty($in['stream']);
    $sse = fn (array $events) => [true, implode('', array_map(fn ($e) => (is_string($e['event'] ?? null) ? "event: {$e['event']}\n" : '').'data: '.(is_string($e['data']) ? $e['data'] : json_encode($e['data']))."\n\n", $events)), 'text/event-stream'];
    if (preg_match('~/embeddings?$~', $path) || preg_match('~/api/embed(dings)?$~', $path)) {
        $inputs = array_values(array_map('strval', (array) ($in['input'] ?? $in['prompt'] ?? '')));
        $n = max(1, min(4096, (int) ($in['dimensions'] ?? (str_contains($model, 'large') ? 3072 : 1536))));
        if (str_contains($path, '/api/embed')) {
            return $json(['model' => $model, 'embedding' => vector($inputs[0] ?? '', $n), 'embeddings' => array_map(fn ($t) => vector($t, $n), $inputs)]);
        }

        return $json(['object' => 'list', 'model' => $model, 'usage' => ['prompt_tokens' => $tokens, 'total_tokens' => $tokens],
            'data' => array_map(fn ($i, $t) => ['object' => 'embedding', 'index' => $i, 'embedding' => vector($t, $n)], array_keys($inputs), $inputs)]);
    }
    if (str_ends_with($path, '/chat/completions')) {
        $usage = ['prompt_tokens' => $tokens, 'completion_tokens' => 12, 'total_tokens' => $tokens + 12];
        $base = ['id' => 'chatcmpl-standin', 'created' => time(), 'model' => $model];
        if ($stream) {
            $chunk = fn ($delta, $end = null) => ['data' => $base + ['object' => 'chat.completion.chunk', 'choices' => [['index' => 0, 'delta' => $delta, 'finish_reason' => $end]]]];

            return $sse([...array_map(fn ($w) => $chunk(['content' => "$w "]), explode(' ', $text)), $chunk((object) [], 'stop'), ['data' => '[DONE]']]);
        }

        return $json($base + ['object' => 'chat.completion', 'choices' => [['index' => 0, 'message' => ['role' => 'assistant', 'content' => $text], 'finish_reason' => 'stop']], 'usage' => $usage]);
    }
    if (str_ends_with($path, '/v1/messages')) {
        $message = ['id' => 'msg_standin', 'type' => 'message', 'role' => 'assistant', 'model' => $model, 'content' => [['type' => 'text', 'text' => $text]],
            'stop_reason' => 'end_turn', 'stop_sequence' => null, 'usage' => ['input_tokens' => $tokens, 'output_tokens' => 12]];
        if ($stream) {
            return $sse([['event' => 'message_start', 'data' => ['type' => 'message_start', 'message' => ['content' => []] + $message]],
                ['event' => 'content_block_start', 'data' => ['type' => 'content_block_start', 'index' => 0, 'content_block' => ['type' => 'text', 'text' => '']]],
                ['event' => 'content_block_delta', 'data' => ['type' => 'content_block_delta', 'index' => 0, 'delta' => ['type' => 'text_delta', 'text' => $text]]],
                ['event' => 'content_block_stop', 'data' => ['type' => 'content_block_stop', 'index' => 0]],
                ['event' => 'message_stop', 'data' => ['type' => 'message_stop']]]);
        }

        return $json($message);
    }
    if (str_ends_with($path, '/responses')) {
        return $json(['id' => 'resp_standin', 'object' => 'response', 'status' => 'completed', 'model' => $model, 'output_text' => $text,
            'output' => [['type' => 'message', 'role' => 'assistant', 'content' => [['type' => 'output_text', 'text' => $text, 'annotations' => []]]]],
            'usage' => ['input_tokens' => $tokens, 'output_tokens' => 12, 'total_tokens' => $tokens + 12]]);
    }
    if (str_ends_with($path, '/completions')) {
        return $json(['id' => 'cmpl-standin', 'object' => 'text_completion', 'model' => $model, 'choices' => [['index' => 0, 'text' => $text, 'finish_reason' => 'stop']], 'usage' => ['prompt_tokens' => $tokens, 'completion_tokens' => 12, 'total_tokens' => $tokens + 12]]);
    }
    if (preg_match('~/api/(chat|generate)$~', $path, $m)) {     // Ollama
        return $json(['model' => $model, 'created_at' => date('c'), 'done' => true, 'prompt_eval_count' => $tokens, 'eval_count' => 12] + ($m[1] === 'chat' ? ['message' => ['role' => 'assistant', 'content' => $text]] : ['response' => $text]));
    }
    if (preg_match('~:(generateContent|streamGenerateContent|embedContent|batchEmbedContents)$~', $path, $m)) {     // Gemini
        return $json(match ($m[1]) {
            'embedContent' => ['embedding' => ['values' => vector(json_encode($in), 768)]],
            'batchEmbedContents' => ['embeddings' => array_map(fn ($r) => ['values' => vector(json_encode($r), 768)], (array) ($in['requests'] ?? []))],
            default => ['candidates' => [['content' => ['role' => 'model', 'parts' => [['text' => $text]]], 'finishReason' => 'STOP']], 'usageMetadata' => ['promptTokenCount' => $tokens, 'candidatesTokenCount' => 12]],
        });
    }
    if (preg_match('~/(indexes/[^/]+/search|multi-search)$~', $path, $m)) {     // Meilisearch
        $result = ['hits' => [], 'query' => (string) ($in['q'] ?? ''), 'offset' => 0, 'limit' => 20, 'estimatedTotalHits' => 0, 'totalHits' => 0, 'totalPages' => 0, 'page' => 1, 'hitsPerPage' => 20, 'processingTimeMs' => 1];

        return [false, json_encode($m[1] === 'multi-search' ? ['results' => array_fill(0, max(1, count((array) ($in['queries'] ?? []))), $result)] : $result), 'application/json'];
    }

    return [false, '{}', 'application/json'];
}

/** One connection: reads requests, answers each after its latency, keeps alive. */
final class Conversation
{
    public string $in = '', $out = '';
    public float $due = 0.0;
    public ?string $pending = null;
    public bool $closing = false, $secure = false, $sniffed = false;
    public float $since;

    public function __construct(public $socket)
    {
        $this->since = microtime(true);
    }

    /** Takes one whole request off the front of what was read; false: not there yet. */
    public function request(): array|false
    {
        $head = strstr($this->in, "\r\n\r\n", true);
        if ($head === false) {
            return false;
        }
        $body = substr($this->in, strlen($head) + 4);
        if (preg_match('/^Transfer-Encoding:\s*chunked/mi', $head)) {
            $got = '';
            while (true) {
                if (! preg_match('/^([0-9a-f]+)[^\r\n]*\r\n/i', $body, $m) || strlen($body) < strlen($m[0]) + hexdec($m[1]) + 2) {
                    return false;
                }
                $size = (int) hexdec($m[1]);
                $got .= substr($body, strlen($m[0]), $size);
                $body = substr($body, strlen($m[0]) + $size + 2);
                if ($size === 0) {
                    break;
                }
            }
            $this->in = $body;
            $body = $got;
        } else {
            $length = preg_match('/^Content-Length:\s*(\d+)/mi', $head, $m) ? (int) $m[1] : 0;
            if (strlen($body) < $length) {
                if (preg_match('/^Expect:\s*100/mi', $head) && $body === '') {
                    $this->out .= "HTTP/1.1 100 Continue\r\n\r\n";
                }

                return false;
            }
            $this->in = substr($body, $length);
            $body = substr($body, 0, $length);
        }
        [$method, $target] = explode(' ', $head, 3) + [1 => '/'];
        preg_match('/^Host:\s*(\S+)/mi', $head, $m);

        return ['method' => $method, 'path' => (string) parse_url($target, PHP_URL_PATH), 'body' => $body, 'host' => $m[1] ?? '',
            'close' => (bool) preg_match('/^Connection:\s*close/mi', $head), 's3' => (bool) preg_match('/^Authorization:\s*AWS4-/mi', $head)];
    }
}

function dnsAnswer(string $query): string
{
    if (strlen($query) < 17) {
        return '';
    }
    $at = 12;
    while ($at < strlen($query) && ord($query[$at]) !== 0) {
        $at += 1 + ord($query[$at]);
    }
    $question = substr($query, 12, $at + 5 - 12);
    $isA = strlen($question) >= 5 && unpack('n', $question, strlen($question) - 4)[1] === 1;

    // flags: response, recursion available; one question; an A record of 198.51.100.1 (a documentation address) or none
    return substr($query, 0, 2)."\x81\x80\0\1\0".($isA ? "\1" : "\0")."\0\0\0\0".$question.($isA ? "\xc0\x0c\0\1\0\1\0\0\0\x3c\0\4\xc6\x33\x64\x01" : '');
}

$authority = extension_loaded('openssl') ? new Authority($dir) : null;
$listeners = [];
foreach ($ports as $port) {
    if ($socket = @stream_socket_server("tcp://0.0.0.0:$port", $errno, $why)) {
        stream_set_blocking($socket, false);
        $listeners[] = $socket;
    }
}
$dns = @stream_socket_server('udp://127.0.0.1:53', $errno, $why, STREAM_SERVER_BIND);
file_put_contents("$dir/standin.ready", (string) count($listeners));

/** @var Conversation[] $open */
$open = [];
$log = fopen("$dir/outgoing.log", 'a');
while (true) {
    $read = array_filter([...$listeners, $dns]);
    $write = [];
    $soonest = 1.0;
    $now = microtime(true);
    foreach ($open as $c) {
        $read[] = $c->socket;
        if ($c->out !== '') {
            $write[] = $c->socket;
        }
        if ($c->pending !== null) {
            $soonest = max(0.0, min($soonest, $c->due - $now));
        }
    }
    $none = null;
    if (@stream_select($read, $write, $none, 0, (int) ($soonest * 1e6)) === false) {
        continue;
    }
    $now = microtime(true);
    foreach ($read as $socket) {
        if ($socket === $dns) {
            $query = stream_socket_recvfrom($dns, 1500, 0, $from);
            $query !== false && $from && @stream_socket_sendto($dns, dnsAnswer($query), 0, $from);
        } elseif (in_array($socket, $listeners, true)) {
            if ($conn = @stream_socket_accept($socket, 0)) {
                stream_set_blocking($conn, false);
                $open[(int) $conn] = new Conversation($conn);
            }
        } elseif ($c = $open[(int) $socket] ?? null) {
            if (! $c->sniffed) {
                $first = (string) stream_socket_recvfrom($socket, 4096, STREAM_PEEK);
                if ($first === '') {
                    fclose($socket);
                    unset($open[(int) $socket]);
                    continue;
                }
                if ($first[0] === "\x16") {
                    $name = serverName($first);
                    if ($name === null || ! $authority) {
                        if ($now - $c->since > 2 || ! $authority) {
                            fclose($socket);
                            unset($open[(int) $socket]);
                        }
                        continue;
                    }
                    stream_context_set_option($socket, ['ssl' => ['local_cert' => $authority->leaf($name ?: 'localhost'), 'verify_peer' => false]]);
                    $c->secure = true;
                }
                $c->sniffed = true;
            }
            if ($c->secure) {
                $done = @stream_socket_enable_crypto($socket, true, STREAM_CRYPTO_METHOD_TLSv1_2_SERVER | STREAM_CRYPTO_METHOD_TLSv1_3_SERVER);
                if ($done === false) {
                    fclose($socket);
                    unset($open[(int) $socket]);
                }
                if ($done !== true) {
                    continue;
                }
                $c->secure = false;             // established: from here on it is a plain stream to us
            }
            $gone = false;
            while (true) {                      // until empty: select does not see what TLS has decrypted already
                $bytes = @fread($socket, 262144);
                if ($bytes === '' || $bytes === false) {
                    $gone = feof($socket);
                    break;
                }
                $c->in .= $bytes;
            }
            if ($gone) {
                fclose($socket);
                unset($open[(int) $socket]);
                continue;
            }
            if (strlen($c->in) > 64 << 20) {
                fclose($socket);
                unset($open[(int) $socket]);
            }
        }
    }
    foreach ($open as $key => $c) {
        if ($c->pending !== null && $now >= $c->due) {
            $c->out .= $c->pending;
            $c->pending = null;
        }
        if ($c->pending === null && ($request = $c->request()) !== false) {
            ['method' => $method, 'path' => $path, 'body' => $body, 'host' => $host, 'close' => $close] = $request;
            [$ai, $answer, $type] = $request['s3'] ? [false, '', 'application/xml'] : answerTo($method, $path, json_decode($body, true) ?: []);
            fwrite($log, "$method $host$path\n");
            $c->due = $now + ($ai ? $aiMs : $httpMs) / 1000;
            $c->closing = $close;
            $c->pending = "HTTP/1.1 200 OK\r\nContent-Type: $type\r\nContent-Length: ".strlen($answer)."\r\n".($request['s3'] ? "ETag: \"stand-in\"\r\n" : '').($close ? "Connection: close\r\n" : '')."\r\n".($method === 'HEAD' ? '' : $answer);
        }
        if ($c->out !== '') {
            $n = @fwrite($c->socket, $c->out);
            $c->out = $n ? substr($c->out, $n) : $c->out;
            if ($n === false) {
                fclose($c->socket);
                unset($open[$key]);
            }
        }
        if ($c->out === '' && $c->pending === null && $c->closing) {
            fclose($c->socket);
            unset($open[$key]);
        }
    }
}
