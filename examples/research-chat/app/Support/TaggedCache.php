<?php

namespace App\Support;

use Closure;
use Illuminate\Contracts\Cache\LockTimeoutException;
use Illuminate\Support\Facades\Cache;

/**
 * A cache whose entries carry tags, on every store. Redis has tags of its own. Elsewhere each tag
 * has a version that is part of the keys; dropping a tag raises its version, and what was stored
 * under the old one is never read again and expires.
 */
class TaggedCache
{
    private const VERSION_TTL = 86400 * 30;

    /** How long one process may compute, and the others wait for it. */
    private const LOCK_SECONDS = 10;

    /** @param  list<string>  $tags */
    public function get(string $key, array $tags): mixed
    {
        return Cache::supportsTags() ? Cache::tags($tags)->get($key) : Cache::get($this->versioned($key, $tags));
    }

    /** @param  list<string>  $tags */
    public function put(string $key, mixed $value, int $ttl, array $tags): void
    {
        Cache::supportsTags() ? Cache::tags($tags)->put($key, $value, $ttl) : Cache::put($this->versioned($key, $tags), $value, $ttl);
    }

    /**
     * The stored value, or the computed one; of many that miss at once, one computes and the rest
     * wait for it.
     *
     * @param  list<string>  $tags
     * @param  (Closure(bool $hit): void)|null  $observe
     */
    public function remember(string $key, int $ttl, array $tags, Closure $compute, ?Closure $observe = null): mixed
    {
        $stored = $this->get($key, $tags);
        if ($observe) {
            $observe($stored !== null);
        }

        return $stored ?? $this->computeOnce($key, $ttl, $tags, $compute);
    }

    /**
     * Many entries, each under one tag. Without tags in the store: one read for all versions, one write.
     *
     * @param  array<string, mixed>  $values  by key
     * @param  array<string, string>  $tags  by key
     */
    public function putMany(array $values, int $ttl, array $tags): void
    {
        if (Cache::supportsTags()) {
            foreach ($values as $key => $value) {
                Cache::tags([$tags[$key]])->put($key, $value, $ttl);
            }

            return;
        }
        $versions = Cache::many(array_map(fn (string $tag) => "tag:{$tag}", array_values($tags)));
        $entries = [];
        foreach ($values as $key => $value) {
            $entries[$this->keyOf($key, [$versions["tag:{$tags[$key]}"]])] = $value;
        }
        Cache::putMany($entries, $ttl);
    }

    /** @param  list<string>  $tags */
    public function forgetTags(array $tags): void
    {
        if ($tags === []) {
            return;
        }
        if (Cache::supportsTags()) {
            Cache::tags($tags)->flush();

            return;
        }
        // Not increment(): after an eviction it would start at 1 again and revive old entries.
        $version = uniqid('', true);
        Cache::putMany(array_fill_keys(array_map(fn (string $tag) => "tag:{$tag}", $tags), $version), self::VERSION_TTL);
    }

    private function computeOnce(string $key, int $ttl, array $tags, Closure $compute): mixed
    {
        $work = function () use ($key, $ttl, $tags, $compute) {
            $stored = $this->get($key, $tags);
            if ($stored === null) {
                $this->put($key, $stored = $compute(), $ttl, $tags);
            }

            return $stored;
        };

        try {
            return Cache::lock("compute:{$key}", self::LOCK_SECONDS)
                ->betweenBlockedAttemptsSleepFor(20)
                ->block(self::LOCK_SECONDS, $work);
        } catch (LockTimeoutException) {
            return $compute();
        }
    }

    /** One read for all versions of the entry's tags. */
    private function versioned(string $key, array $tags): string
    {
        return $this->keyOf($key, array_values(Cache::many(array_map(fn (string $tag) => "tag:{$tag}", $tags))));
    }

    /** @param  list<string|null>  $versions */
    private function keyOf(string $key, array $versions): string
    {
        return $key.':'.substr(hash('xxh128', implode('|', array_map(fn ($version) => $version ?? '0', $versions))), 0, 12);
    }
}
