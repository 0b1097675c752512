#include "stats/stats.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static int by_value(const void *x, const void *y)
{
    double a = *(const double *)x, b = *(const double *)y;
    return (a > b) - (a < b);
}

static double quantile_sorted(const double *x, size_t n, double p)
{
    double at = p * (double)(n - 1);
    size_t i = (size_t)at;
    return i + 1 < n ? x[i] + (at - (double)i) * (x[i + 1] - x[i]) : x[n - 1];
}

double stats_quantile(double *x, size_t n, double p)
{
    if (!n)
        return NAN;
    qsort(x, n, sizeof *x, by_value);
    return quantile_sorted(x, n, p < 0 ? 0 : p > 1 ? 1 : p);
}

double stats_median(double *x, size_t n)
{
    return stats_quantile(x, n, 0.5);
}

double stats_mean(const double *x, size_t n)
{
    double sum = 0;
    for (size_t i = 0; i < n; i++)
        sum += x[i];
    return n ? sum / (double)n : NAN;
}

double stats_normal_cdf(double z)
{
    return 0.5 * erfc(-z / sqrt(2));
}

static double ratio(const double *num, const double *den, double x)
{
    double a = num[7], b = den[7];
    for (int i = 6; i >= 0; i--) {
        a = a * x + num[i];
        b = b * x + den[i];
    }
    return a / b;
}

double stats_normal_quantile(double p)
{
    static const double a[] = { 3.3871328727963666080, 133.14166789178437745, 1971.5909503065514427,
                                13731.693765509461125, 45921.953931549871457, 67265.770927008700853,
                                33430.575583588128105, 2509.0809287301226727 };
    static const double b[] = { 1, 42.313330701600911252, 687.18700749205790830, 5394.1960214247511077,
                                21213.794301586595867, 39307.895800092710610, 28729.085735721942674,
                                5226.4952788528545610 };
    static const double c[] = { 1.42343711074968357734, 4.63033784615654529590, 5.76949722146069140550,
                                3.64784832476320460504, 1.27045825245236838258, 0.241780725177450611770,
                                0.0227238449892691845833, 7.74545014278341407640e-4 };
    static const double d[] = { 1, 2.05319162663775882187, 1.67638483018380384940, 0.689767334985100004550,
                                0.148103976427480074590, 0.0151986665636164571966, 5.47593808499534494600e-4,
                                1.05075007164441684324e-9 };
    static const double e[] = { 6.65790464350110377720, 5.46378491116411436990, 1.78482653991729133580,
                                0.296560571828504891230, 0.0265321895265761230930, 0.00124266094738807843860,
                                2.71155556874348757815e-5, 2.01033439929228813265e-7 };
    static const double f[] = { 1, 0.599832206555887937690, 0.136929880922735805310, 0.0148753612908506148525,
                                7.86869131145613259100e-4, 1.84631831751005468180e-5, 1.42151175831644588870e-7,
                                2.04426310338993978564e-15 };
    double q = p - 0.5;
    if (!(p > 0 && p < 1))
        return p == 0 ? -INFINITY : p == 1 ? INFINITY : NAN;
    if (fabs(q) <= 0.425)
        return q * ratio(a, b, 0.180625 - q * q);
    double r = sqrt(-log(q < 0 ? p : 1 - p));
    double z = r <= 5 ? ratio(c, d, r - 1.6) : ratio(e, f, r - 5);
    return q < 0 ? -z : z;
}

size_t stats_log_ratios(const double *a, const double *b, size_t n, double *ret_d)
{
    size_t kept = 0;
    for (size_t i = 0; i < n; i++)
        if (a[i] > 0 && b[i] > 0)
            ret_d[kept++] = log(b[i] / a[i]);
    return kept;
}

/* Sums that differ by rounding only are equal. */
static bool at_least(double x, double observed)
{
    return fabs(x) >= fabs(observed) * (1 - 1e-12);
}

static double flip_exact(const double *d, size_t n, double observed)
{
    size_t hits = 0, all = (size_t)1 << n;
    for (size_t signs = 0; signs < all; signs++) {
        double sum = 0;
        for (size_t i = 0; i < n; i++)
            sum += signs >> i & 1 ? -d[i] : d[i];
        hits += at_least(sum, observed);
    }
    return (double)hits / (double)all;
}

static double flip_random(const double *d, size_t n, double observed, unsigned rounds, struct rng *r)
{
    unsigned hits = 1; /* the observed one */
    for (unsigned k = 0; k < rounds; k++) {
        double sum = 0;
        uint64_t bits = 0;
        for (size_t i = 0; i < n; i++) {
            if (i % 64 == 0)
                bits = rng_next(r);
            sum += bits >> (i % 64) & 1 ? -d[i] : d[i];
        }
        hits += at_least(sum, observed);
    }
    return (double)hits / (rounds + 1.0);
}

double stats_sign_flip(const double *d, size_t n, unsigned rounds, struct rng *r)
{
    double observed = 0;
    for (size_t i = 0; i < n; i++)
        observed += d[i];
    if (!n)
        return 1;
    return n <= SIGN_FLIP_EXACT ? flip_exact(d, n, observed) : flip_random(d, n, observed, rounds, r);
}

/* How many order statistics to cut at each end so that the rest still covers the median with `level`. */
static size_t exact_cut(size_t n, double level)
{
    double tail = 0, term = pow(0.5, (double)n);
    size_t cut = 0;
    for (size_t k = 0; k < n / 2; k++) {
        tail += term;
        if (2 * tail > 1 - level)
            break;
        cut = k + 1;
        term *= (double)(n - k) / (double)(k + 1);
    }
    return cut;
}

enum { SMALL_SAMPLE = 40 };

struct interval stats_median_interval(const double *d, size_t n, double level, unsigned rounds, struct rng *r)
{
    double sorted[STATS_PAIRS_MAX], sample[STATS_PAIRS_MAX];
    if (!n || n > STATS_PAIRS_MAX)
        return (struct interval){ NAN, NAN };
    memcpy(sorted, d, n * sizeof *d);
    qsort(sorted, n, sizeof *sorted, by_value);
    if (n < SMALL_SAMPLE) {
        size_t cut = exact_cut(n, level);
        if (!cut)
            return (struct interval){ -INFINITY, INFINITY }; /* so few pairs cannot cover at this level */
        return (struct interval){ sorted[cut - 1], sorted[n - cut] };
    }
    double *medians = malloc(rounds * sizeof *medians);
    if (!medians)
        return (struct interval){ -INFINITY, INFINITY };
    for (unsigned k = 0; k < rounds; k++) {
        for (size_t i = 0; i < n; i++)
            sample[i] = d[rng_below(r, n)];
        medians[k] = stats_median(sample, n);
    }
    struct interval out = { stats_quantile(medians, rounds, (1 - level) / 2),
                            stats_quantile(medians, rounds, (1 + level) / 2) };
    free(medians);
    return out;
}

void stats_holm(double *p, size_t n)
{
    bool done[STATS_PAIRS_MAX] = { false };
    double before = 0;
    for (size_t rank = 0; rank < n && n <= STATS_PAIRS_MAX; rank++) {
        size_t least = n;
        for (size_t i = 0; i < n; i++)
            if (!done[i] && (least == n || p[i] < p[least]))
                least = i;
        double adjusted = p[least] * (double)(n - rank);
        if (adjusted < before)
            adjusted = before;
        before = adjusted > 1 ? 1 : adjusted;
        p[least] = before;
        done[least] = true;
    }
}

double stats_alpha_spent(double alpha, double t)
{
    if (t <= 0)
        return 0;
    return t >= 1 ? alpha : alpha * log(1 + (exp(1) - 1) * t);
}

struct verdict stats_judge(const double *a, const double *b, size_t n, const struct design *design, struct rng *r)
{
    double d[STATS_PAIRS_MAX], copy[STATS_PAIRS_MAX];
    unsigned rounds = design->rounds ? design->rounds : 4000;
    double alpha = design->alpha_now > 0 ? design->alpha_now : design->alpha;
    struct verdict v = { .kind = VERDICT_UNDECIDED, .effect = NAN, .interval = { -INFINITY, INFINITY }, .p = 1 };
    if (n > STATS_PAIRS_MAX)
        n = STATS_PAIRS_MAX;
    v.pairs = n = stats_log_ratios(a, b, n, d);
    if (!n)
        return v;
    memcpy(copy, d, n * sizeof *d);
    double centre = stats_median(copy, n);
    struct interval wide = stats_median_interval(d, n, 1 - alpha, rounds, r);
    struct interval equal = stats_median_interval(d, n, 1 - 2 * alpha, rounds, r);
    v.p = stats_sign_flip(d, n, rounds, r);
    v.effect = expm1(centre);
    v.interval = (struct interval){ expm1(wide.lo), expm1(wide.hi) };
    if (equal.lo > -design->margin && equal.hi < design->margin)
        v.kind = VERDICT_SAME;
    else if (v.p <= alpha && wide.hi < 0)
        v.kind = VERDICT_FASTER;
    else if (v.p <= alpha && wide.lo > 0)
        v.kind = VERDICT_SLOWER;
    return v;
}

const char *verdict_name(enum verdict_kind kind)
{
    static const char *const names[] = { "undecided", "faster", "slower", "same" };
    return (unsigned)kind < 4 ? names[kind] : "undecided";
}
