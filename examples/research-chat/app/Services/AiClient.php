<?php

namespace App\Services;

use App\Exceptions\AiUnavailable;
use Closure;
use GuzzleHttp\Utils;
use Illuminate\Http\Client\ConnectionException;
use Illuminate\Http\Client\PendingRequest;
use Illuminate\Http\Client\RequestException;
use Illuminate\Http\Client\Response;
use Illuminate\Support\Facades\Http;

/**
 * The model endpoints. The primary is asked; the fallback only after the primary failed. TLS is
 * verified, a connection must stand within 5 s and a call end within 30 s, and calls of one
 * process share a handler, so that they share connections.
 */
class AiClient
{
    /** @var callable|null */
    private $handler = null;

    /**
     * @param  list<array{role: string, content: string}>  $messages
     * @return array{content: string, endpoint: string, prompt_tokens: int, completion_tokens: int}
     */
    public function chat(string $model, array $messages, float $temperature = 0.2): array
    {
        [$response, $endpoint] = $this->firstThatAnswers(fn (PendingRequest $http) => $http
            ->post('/v1/chat/completions', ['model' => $model, 'messages' => $messages, 'temperature' => $temperature])
            ->throw());

        return [
            'content' => (string) $response->json('choices.0.message.content'),
            'endpoint' => $endpoint,
            'prompt_tokens' => (int) $response->json('usage.prompt_tokens'),
            'completion_tokens' => (int) $response->json('usage.completion_tokens'),
        ];
    }

    /**
     * The answer in pieces, as they come. Before the first piece a failure goes to the fallback;
     * after it, it is an error, for half an answer cannot be taken back.
     *
     * @param  Closure(string $piece): void  $onPiece
     */
    public function stream(string $model, array $messages, float $temperature, Closure $onPiece): array
    {
        $content = '';
        $usage = [];

        [, $endpoint] = $this->firstThatAnswers(function (PendingRequest $http) use ($model, $messages, $temperature, $onPiece, &$content, &$usage) {
            $response = $http->withOptions(['stream' => true])
                ->post('/v1/chat/completions', [
                    'model' => $model, 'messages' => $messages, 'temperature' => $temperature,
                    'stream' => true, 'stream_options' => ['include_usage' => true],
                ])
                ->throw();

            foreach ($this->events($response) as $event) {
                $usage = $event['usage'] ?? $usage;
                $piece = (string) ($event['choices'][0]['delta']['content'] ?? '');
                if ($piece !== '') {
                    $content .= $piece;
                    $onPiece($piece);
                }
            }

            return $response;
        }, fn () => $content === '');

        return [
            'content' => $content,
            'endpoint' => $endpoint,
            'prompt_tokens' => (int) ($usage['prompt_tokens'] ?? 0),
            'completion_tokens' => (int) ($usage['completion_tokens'] ?? 0),
        ];
    }

    /**
     * One call for all texts. The reply may be in any order: each vector says by its index whose it is.
     * A 429 repeats this one call, as the server asks.
     *
     * @param  list<string>  $texts
     * @return list<list<float>>
     */
    public function embed(array $texts): array
    {
        $response = $this->endpoint(config('research.ai.primary_url'))
            ->withHeader('Idempotency-Key', hash('sha256', implode("\0", $texts)))
            ->retry(4, fn (int $attempt, mixed $exception) => $this->retryDelay($attempt, $exception), $this->isTemporary(...))
            ->post('/v1/embeddings', [
                'model' => config('research.ai.embedding_model'),
                'dimensions' => config('research.ai.embedding_dimensions'),
                'input' => $texts,
            ]);

        $vectors = $response->collect('data')->pluck('embedding', 'index');

        return array_map(
            fn (int $index) => $vectors->get($index) ?? throw new AiUnavailable("The embedding of input {$index} is missing from the reply."),
            array_keys($texts),
        );
    }

    /**
     * @param  Closure(PendingRequest): Response  $call
     * @param  (Closure(): bool)|null  $mayRetry
     * @return array{Response, string}
     */
    private function firstThatAnswers(Closure $call, ?Closure $mayRetry = null): array
    {
        try {
            return [$call($this->endpoint(config('research.ai.primary_url'))), 'primary'];
        } catch (ConnectionException|RequestException $primary) {
            report_if(! $this->isTemporary($primary), $primary);
            if ($mayRetry && ! $mayRetry()) {
                throw new AiUnavailable('The answer broke off.', previous: $primary);
            }
        }

        try {
            return [$call($this->endpoint(config('research.ai.fallback_url'))), 'fallback'];
        } catch (ConnectionException|RequestException $fallback) {
            throw new AiUnavailable('Neither model endpoint answered.', previous: $fallback);
        }
    }

    private function endpoint(string $url): PendingRequest
    {
        $this->handler ??= Utils::chooseHandler();

        return Http::baseUrl($url)
            ->setHandler($this->handler)
            ->connectTimeout(config('research.ai.connect_timeout'))
            ->timeout(config('research.ai.timeout'))
            ->withToken((string) config('research.ai.key'))
            ->acceptJson()
            ->asJson();
    }

    /** @return iterable<array> the JSON of each "data:" line up to [DONE] */
    private function events(Response $response): iterable
    {
        $body = $response->toPsrResponse()->getBody();
        $buffer = '';
        $deadline = hrtime(true) + config('research.ai.timeout') * 1_000_000_000;

        while (! $body->eof()) {
            if (hrtime(true) > $deadline) {
                throw new ConnectionException('The stream took too long.');
            }
            $buffer .= $body->read(8192);
            while (($end = strpos($buffer, "\n")) !== false) {
                $line = rtrim(substr($buffer, 0, $end), "\r");
                $buffer = substr($buffer, $end + 1);
                if ($line === 'data: [DONE]') {
                    return;
                }
                if (str_starts_with($line, 'data: ')) {
                    yield json_decode(substr($line, 6), true) ?? [];
                }
            }
        }
    }

    private function isTemporary(mixed $exception): bool
    {
        return $exception instanceof ConnectionException
            || ($exception instanceof RequestException && in_array($exception->response->status(), [408, 429, 500, 502, 503, 504], true));
    }

    private function retryDelay(int $attempt, mixed $exception): int
    {
        $asked = $exception instanceof RequestException ? $exception->response->header('Retry-After') : '';

        return is_numeric($asked) ? (int) min(20_000, 1000 * (float) $asked) : 250 * 2 ** ($attempt - 1);
    }
}
