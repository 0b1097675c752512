<?php

namespace Tests\Support;

use RuntimeException;

/** A Chromium driven over the WebDriver protocol; as much of it as the chat's test needs. */
final class Browser
{
    private string $session;

    public function __construct(private string $driver)
    {
        $arguments = [
            '--headless', '--no-sandbox', '--disable-gpu', '--disable-dev-shm-usage', '--disable-background-networking', '--disable-component-update',
            '--disable-sync', '--no-first-run', '--window-size=1280,900', '--enable-precise-memory-info', '--js-flags=--expose-gc',
        ];
        $created = $this->call('POST', '/session', ['capabilities' => ['alwaysMatch' => [
            'browserName' => 'chrome', 'goog:chromeOptions' => ['args' => $arguments], 'timeouts' => ['script' => 60000],
        ]]]);
        $this->session = "/session/{$created['sessionId']}";
    }

    public function visit(string $url): void
    {
        $this->call('POST', "{$this->session}/url", ['url' => $url]);
    }

    /** The value of a script's return statement. */
    public function run(string $script, mixed ...$arguments): mixed
    {
        return $this->call('POST', "{$this->session}/execute/sync", ['script' => $script, 'args' => $arguments]);
    }

    /** The value that a script's promise resolves to. */
    public function await(string $expression): mixed
    {
        return $this->call('POST', "{$this->session}/execute/async", [
            'script' => "const done = arguments[arguments.length - 1]; ({$expression})().then(done, (error) => done('error: ' + error));", 'args' => [],
        ]);
    }

    public function type(string $selector, string $text): void
    {
        $element = $this->call('POST', "{$this->session}/element", ['using' => 'css selector', 'value' => $selector]);
        $this->call('POST', "{$this->session}/element/".reset($element).'/value', ['text' => $text]);
    }

    public function waitUntil(string $expression): void
    {
        for ($i = 0; $i < 100; $i++) {
            if ($this->run("return Boolean({$expression})")) {
                return;
            }
            usleep(100_000);
        }

        throw new RuntimeException("In the browser this never became true: {$expression}");
    }

    public function close(): void
    {
        $this->call('DELETE', $this->session);
    }

    private function call(string $method, string $path, ?array $body = null): mixed
    {
        $curl = curl_init($this->driver.$path);
        curl_setopt_array($curl, [
            CURLOPT_CUSTOMREQUEST => $method, CURLOPT_RETURNTRANSFER => true, CURLOPT_TIMEOUT => 90, CURLOPT_HTTPHEADER => ['Content-Type: application/json'],
        ]);
        if ($body !== null) {
            curl_setopt($curl, CURLOPT_POSTFIELDS, json_encode($body));
        }
        $reply = json_decode((string) curl_exec($curl), true);
        curl_close($curl);
        if (isset($reply['value']['error'])) {
            throw new RuntimeException("WebDriver: {$reply['value']['message']}");
        }

        return $reply['value'] ?? null;
    }
}
