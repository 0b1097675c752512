/* Statistics of comparisons, as pure functions: nothing is measured, printed or kept here, and chance comes from a
 * seeded generator, so that a verdict can be recomputed from its raw windows.
 *
 * The design that they are for: two versions A and B run side by side in short windows, in randomised ABBA blocks; each
 * window gives one figure; the pair i gives the log-ratio d[i] = ln(b[i] / a[i]). Drift of the machine hits both sides of
 * a pair alike. Requests are never pooled as if they were independent.
 *
 *     struct rng r = rng_new(42);
 *     struct verdict v = stats_judge(a, b, n, &(struct design){ .alpha = 0.05, .margin = 0.02 }, &r);
 */
#ifndef FETTLE_STATS_H
#define FETTLE_STATS_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* xoshiro256** 1.0, seeded by splitmix64 (Blackman and Vigna, "Scrambled linear pseudorandom number generators", ACM
 * TOMS 47, 2021). */
struct rng {
    uint64_t s[4];
};
struct rng rng_new(uint64_t seed);
uint64_t rng_next(struct rng *);
uint64_t rng_below(struct rng *, uint64_t n); /* uniform in 0..n-1, unbiased; n > 0 */
double rng_unit(struct rng *);                /* uniform in [0, 1) */
double rng_normal(struct rng *);              /* mean 0, variance 1 (polar method, Marsaglia and Bray 1964) */

/* Quantile p in [0,1] by linear interpolation (type 7 of Hyndman and Fan, "Sample quantiles in statistical packages",
 * The American Statistician 50, 1996). Sorts x in place. NaN for n == 0. */
double stats_quantile(double *x, size_t n, double p);
double stats_median(double *x, size_t n); /* sorts x */
double stats_mean(const double *x, size_t n);
double stats_normal_cdf(double z);
/* Inverse of the normal distribution (Wichura, "Algorithm AS 241", Applied Statistics 37, 1988: PPND16). */
double stats_normal_quantile(double p);

/* d[i] = ln(b[i] / a[i]). Pairs with a figure that is not positive are left out; returns how many remain. */
size_t stats_log_ratios(const double *a, const double *b, size_t n, double *ret_d);

/* Two-sided sign-flip permutation test of "the log-ratios are symmetric about zero", statistic |sum d| (Fisher's
 * randomisation test for pairs; Good, "Permutation, Parametric and Bootstrap Tests of Hypotheses", 3rd ed. 2005, 3.2).
 * Exact over all 2^n flips up to n = SIGN_FLIP_EXACT, else `rounds` random ones with the observed one counted. */
enum { SIGN_FLIP_EXACT = 16 };
double stats_sign_flip(const double *d, size_t n, unsigned rounds, struct rng *);

struct interval {
    double lo, hi;
};
/* Percentile bootstrap interval of the median (Efron and Tibshirani, "An Introduction to the Bootstrap", 1993, ch. 13),
 * widened where n is small to the exact order-statistics interval of the median (Conover, "Practical Nonparametric
 * Statistics", 3rd ed. 1999, 3.2), for the bootstrap alone covers too little there. n <= STATS_PAIRS_MAX. */
enum { STATS_PAIRS_MAX = 4096 };
struct interval stats_median_interval(const double *d, size_t n, double level, unsigned rounds, struct rng *);

/* Holm's step-down adjustment (Holm, "A simple sequentially rejective multiple test procedure", Scand. J. Statistics 6,
 * 1979): p[] become adjusted, in place, order kept. n <= STATS_PAIRS_MAX. */
void stats_holm(double *p, size_t n);

/* Share of alpha that may be spent when the fraction t (0..1) of the planned pairs is in: alpha ln(1 + (e - 1) t), the
 * Pocock-like function of Lan and DeMets, "Discrete sequential boundaries for clinical trials", Biometrika 70, 1983.
 * A look may use what is spent at it less what was spent before; the sum never exceeds alpha whatever the test. */
double stats_alpha_spent(double alpha, double t);

enum verdict_kind { VERDICT_UNDECIDED, VERDICT_FASTER, VERDICT_SLOWER, VERDICT_SAME };
struct design {
    double alpha;       /* error rate of one comparison: 0.05 */
    double alpha_now;   /* what this look may use; 0: alpha */
    double margin;      /* |log-ratio| below which versions are "the same": 0.02 is about 2 % */
    unsigned rounds;    /* of permutation and bootstrap; 0: 4,000 */
};
struct verdict {
    enum verdict_kind kind;
    size_t pairs;
    double effect;              /* exp(median d) - 1: -0.49 is 49 % less */
    struct interval interval;   /* of the effect, at 1 - alpha_now */
    double p;
};
/* FASTER or SLOWER: the test rejects at alpha_now and the interval lies on one side of zero. SAME: the interval at
 * 1 - 2 alpha_now lies within the margin (two one-sided tests; Schuirmann, J. Pharmacokinetics and Biopharmaceutics 15,
 * 1987). Smaller figures are better. Both can hold of a tiny sure difference: then it is SAME. */
struct verdict stats_judge(const double *a, const double *b, size_t n, const struct design *, struct rng *);
const char *verdict_name(enum verdict_kind); /* "faster" */

/* The order of windows: blocks ABBA or BAAB, chosen by chance; side[i] is 0 for A, 1 for B; 2 * pairs entries. Windows
 * 2i and 2i+1 are a pair. */
void stats_abba(struct rng *, size_t pairs, uint8_t *ret_side);
#endif
