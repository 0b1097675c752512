<?php
// Median of the instructions of the counted requests, from callgrind's parts (one a request).
//   php parts.php FOLDER COUNTED
[, $dir, $counted] = $argv;
$best = [];
foreach (glob("$dir/cg.*") as $file) {
    if (!preg_match('/cg\.(\d+)\.(\d+)$/', $file, $m))
        continue;
    $text = file_get_contents($file);
    if (preg_match('/^(?:summary|totals): (\d+)/m', $text, $t))
        $best[$m[1]][(int) $m[2]] = (int) $t[1];
}
// The worker is the process with most parts; its first part began in the middle of a request.
usort($best, fn ($a, $b) => count($b) <=> count($a));
$parts = $best[0] ?? [];
ksort($parts);
$use = array_slice($parts, 1, $counted);
if (count($use) < $counted) {
    fwrite(STDERR, 'too few parts: ' . count($parts) . "\n");
    exit(1);
}
fwrite(STDERR, 'parts ' . implode(' ', $use) . "\n");
sort($use);
$n = count($use);
echo intdiv($use[intdiv($n - 1, 2)] + $use[intdiv($n, 2)], 2), "\n";
