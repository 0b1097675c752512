<?php

namespace App\Support;

/**
 * BM25 over title (three times) and description, computed here because the engines' own ranks
 * differ: the same corpus gives the same order on SQLite, PostgreSQL and MariaDB.
 * Robertson and Zaragoza, "The Probabilistic Relevance Framework", 2009, section 3.
 */
final class Relevance
{
    public const TITLE_WEIGHT = 3.0;

    private const K1 = 1.2;

    private const B = 0.75;

    /** A title of 6 words and a description of 18: the length that neither gains nor loses. */
    private const USUAL_LENGTH = 6 * self::TITLE_WEIGHT + 18;

    /**
     * @param  list<string>  $terms
     * @param  iterable<object{id: int, title: string, description: string}>  $rows
     * @return array<int, float> score by id; rows that lack a term are left out when $all is set
     */
    public static function score(array $terms, iterable $rows, bool $all): array
    {
        $counts = $lengths = [];
        $found = array_fill_keys($terms, 0);

        foreach ($rows as $row) {
            $title = array_count_values(SearchTerms::tokens($row->title));
            $description = array_count_values(SearchTerms::tokens($row->description));
            $lengths[$row->id] = self::TITLE_WEIGHT * array_sum($title) + array_sum($description);
            foreach ($terms as $term) {
                $count = self::TITLE_WEIGHT * ($title[$term] ?? 0) + ($description[$term] ?? 0);
                $counts[$row->id][$term] = $count;
                $found[$term] += $count > 0 ? 1 : 0;
            }
        }

        $scores = [];
        foreach ($counts as $id => $byTerm) {
            if ($all && in_array(0.0, $byTerm, false)) {
                continue;
            }
            $score = 0.0;
            foreach ($byTerm as $term => $count) {
                $idf = log(1 + (count($counts) - $found[$term] + 0.5) / ($found[$term] + 0.5)) + 0.1;
                $norm = self::K1 * (1 - self::B + self::B * $lengths[$id] / self::USUAL_LENGTH);
                $score += $idf * $count * (self::K1 + 1) / ($count + $norm);
            }
            if ($score > 0) {
                $scores[$id] = round($score, 6);
            }
        }

        return $scores;
    }
}
