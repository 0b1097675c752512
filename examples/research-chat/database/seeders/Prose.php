<?php

namespace Database\Seeders;

/** Deterministic, plausible research prose from a small vocabulary. */
final class Prose
{
    private const FIELDS = [
        'perovskite solar cells', 'protein folding', 'graph neural networks', 'soil carbon storage', 'battery recycling',
        'urban heat islands', 'coral bleaching', 'antibiotic resistance', 'quantum error correction', 'supply chain risk',
        'retrieval augmented generation', 'sleep and memory', 'ocean acidification', 'gene regulation', 'wildfire smoke',
        'federated learning', 'crop rotation', 'ion channels', 'language acquisition', 'microplastics',
    ];

    private const FORMS = [
        'A survey of %s', 'Measuring %s at scale', 'Open questions in %s', 'Field notes on %s', 'Causal models for %s',
        'A data set for %s', 'Replication: %s', 'What drives %s', 'A protocol for %s', 'Cost and benefit of %s',
        'Early signals of %s', 'Toward a theory of %s',
    ];

    private const QUALIFIERS = [
        'in northern regions', 'under uncertainty', 'after 2020', 'with sparse data', 'from satellite images',
        'across five cohorts', 'in small laboratories', 'with open tools', 'over twenty years', 'in low-income settings',
    ];

    private const WORDS = [
        'analysis', 'baseline', 'sample', 'evidence', 'signal', 'model', 'estimate', 'cohort', 'variance', 'method',
        'result', 'control', 'effect', 'measure', 'interval', 'response', 'gradient', 'density', 'trend', 'threshold',
        'the', 'a', 'of', 'between', 'within', 'across', 'and', 'with', 'from', 'under', 'suggests', 'shows', 'reduces',
        'increases', 'explains', 'predicts', 'remains', 'stable', 'significant', 'limited', 'robust', 'sparse', 'local',
        'global', 'seasonal', 'annual', 'early', 'late', 'observed', 'expected', 'reported', 'adjusted', 'query', 'test',
    ];

    public static function field(): string
    {
        return self::FIELDS[mt_rand(0, count(self::FIELDS) - 1)];
    }

    public static function title(): string
    {
        $form = self::FORMS[mt_rand(0, count(self::FORMS) - 1)];

        return ucfirst(sprintf($form, self::field()).' '.self::QUALIFIERS[mt_rand(0, count(self::QUALIFIERS) - 1)]);
    }

    public static function sentence(int $words): string
    {
        $last = count(self::WORDS) - 1;
        $picked = [];
        for ($i = 0; $i < $words; $i++) {
            $picked[] = self::WORDS[mt_rand(0, $last)];
        }

        return ucfirst(implode(' ', $picked)).'.';
    }

    public static function paragraph(int $sentences): string
    {
        $lines = [];
        for ($i = 0; $i < $sentences; $i++) {
            $lines[] = self::sentence(mt_rand(7, 16));
        }

        return implode(' ', $lines);
    }

    public static function question(): string
    {
        $stems = [
            'What do we know about %s %s?', 'Summarise the evidence on %s %s.', 'Which studies of %s %s disagree, and why?',
            'List the strongest effects reported for %s %s.', 'How large were the samples in work on %s %s?',
        ];

        return sprintf($stems[mt_rand(0, 4)], self::field(), self::QUALIFIERS[mt_rand(0, 9)]);
    }

    /** A unit vector as JSON. */
    public static function vector(int $dimensions): string
    {
        $values = [];
        $sum = 0.0;
        for ($i = 0; $i < $dimensions; $i++) {
            $values[] = $value = mt_rand(-1000, 1000) / 1000;
            $sum += $value * $value;
        }
        $norm = sqrt($sum) ?: 1.0;
        $parts = [];
        foreach ($values as $value) {
            $parts[] = round($value / $norm, 5);
        }

        return '['.implode(',', $parts).']';
    }
}
