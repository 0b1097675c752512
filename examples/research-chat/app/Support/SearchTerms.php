<?php

namespace App\Support;

/** The words of a search, the same on every engine: lower case, no stop words, at most twelve. */
final class SearchTerms
{
    private const LIMIT = 12;

    /** InnoDB's stop words: what one engine cannot find, none is asked for. */
    private const STOP_WORDS = [
        'a', 'about', 'an', 'are', 'as', 'at', 'be', 'by', 'com', 'de', 'en', 'for', 'from', 'how', 'i', 'in', 'is', 'it',
        'la', 'of', 'on', 'or', 'that', 'the', 'this', 'to', 'und', 'was', 'what', 'when', 'where', 'who', 'will', 'with', 'www',
    ];

    /** @return list<string> */
    public static function of(string $query): array
    {
        $words = array_values(array_diff(array_unique(self::tokens($query)), self::STOP_WORDS));
        $long = array_values(array_filter($words, fn (string $word) => mb_strlen($word) >= 3));

        return array_slice($long ?: $words, 0, self::LIMIT);
    }

    /** @return list<string> */
    public static function tokens(string $text): array
    {
        return preg_split('/[^\p{L}\p{N}]+/u', mb_strtolower($text), -1, PREG_SPLIT_NO_EMPTY) ?: [];
    }
}
