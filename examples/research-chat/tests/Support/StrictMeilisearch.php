<?php

namespace Tests\Support;

use GuzzleHttp\Psr7\Response;
use Psr\Http\Client\ClientInterface;
use Psr\Http\Message\RequestInterface;
use Psr\Http\Message\ResponseInterface;

/** Answers like a Meilisearch server that rejects what it does not know, and remembers what it was asked. */
final class StrictMeilisearch implements ClientInterface
{
    private const SETTINGS = [
        'displayedAttributes', 'searchableAttributes', 'filterableAttributes', 'sortableAttributes', 'rankingRules', 'stopWords',
        'nonSeparatorTokens', 'separatorTokens', 'dictionary', 'synonyms', 'distinctAttribute', 'proximityPrecision',
        'typoTolerance', 'faceting', 'pagination', 'embedders', 'searchCutoffMs', 'localizedAttributes', 'facetSearch', 'prefixSearch',
    ];

    private const NESTED = ['faceting' => ['maxValuesPerFacet', 'sortFacetValuesBy'], 'pagination' => ['maxTotalHits']];

    private const OLD_RULES = ['words', 'typo', 'proximity', 'attribute', 'sort', 'exactness'];

    private const NEW_RULES = ['words', 'typo', 'proximity', 'attributeRank', 'wordPosition', 'sort', 'exactness'];

    /** @var list<array{string, string, array}> method, path, body */
    public array $requests = [];

    public array $hits = [];

    public function __construct(private string $version = '1.12.0')
    {
    }

    public function sendRequest(RequestInterface $request): ResponseInterface
    {
        $body = json_decode((string) $request->getBody(), true) ?? [];
        $path = $request->getUri()->getPath();
        $this->requests[] = [$request->getMethod(), $path, $body];

        return match (true) {
            $path === '/version' => $this->json(200, ['pkgVersion' => $this->version, 'commitSha' => 'x', 'commitDate' => 'x']),
            str_ends_with($path, '/search') => $this->json(200, ['hits' => $this->hits, 'query' => '', 'processingTimeMs' => 1, 'limit' => 10, 'offset' => 0, 'estimatedTotalHits' => count($this->hits)]),
            str_ends_with($path, '/settings') => $this->settings($body),
            default => $this->json(404, ['message' => "no {$path}", 'code' => 'not_found']),
        };
    }

    private function settings(array $body): ResponseInterface
    {
        $unknown = array_diff(array_keys($body), self::SETTINGS);
        foreach (self::NESTED as $setting => $names) {
            $unknown = [...$unknown, ...array_diff(array_keys($body[$setting] ?? []), $names)];
        }
        $rules = version_compare($this->version, '1.36', '>=') ? self::NEW_RULES : self::OLD_RULES;
        $unknown = [...$unknown, ...array_diff($body['rankingRules'] ?? [], $rules)];

        return $unknown
            ? $this->json(400, ['message' => 'Unknown: '.implode(', ', $unknown), 'code' => 'bad_request', 'type' => 'invalid_request', 'link' => ''])
            : $this->json(202, ['taskUid' => 1, 'indexUid' => 'x', 'status' => 'enqueued', 'type' => 'settingsUpdate', 'enqueuedAt' => '2026-01-01T00:00:00Z']);
    }

    private function json(int $status, array $body): ResponseInterface
    {
        return new Response($status, ['Content-Type' => 'application/json'], (string) json_encode($body));
    }
}
