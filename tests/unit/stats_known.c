/* Known answers, and the promise itself: of many A/A comparisons no more than the stated share gets a verdict. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "stats/stats.h"

#include <math.h>

#define NEAR(x, y, eps) assert_true(fabs((x) - (y)) <= (eps))

static void quantiles(void **state)
{
    double x[] = { 3, 1, 2, 4 };
    NEAR(stats_median(x, 4), 2.5, 0);
    NEAR(stats_quantile(x, 4, 0.25), 1.75, 1e-12); /* type 7 */
    NEAR(stats_quantile(x, 4, 1), 4, 0);
    assert_true(isnan(stats_median(x, 0)));
    NEAR(stats_normal_quantile(0.975), 1.959963984540054, 1e-12);
    NEAR(stats_normal_quantile(1e-10), -6.361340902404056, 1e-9);
    NEAR(stats_normal_cdf(1.959963984540054), 0.975, 1e-12);
    (void)state;
}

static void sign_flips(void **state)
{
    struct rng r = rng_new(1);
    double up[] = { 1, 2, 3 }, mixed[] = { 1, -1, 2, -2 }, many[40];
    NEAR(stats_sign_flip(up, 3, 0, &r), 2 / 8.0, 1e-12);
    NEAR(stats_sign_flip(mixed, 4, 0, &r), 1, 1e-12);
    for (int i = 0; i < 40; i++)
        many[i] = 1;
    assert_true(stats_sign_flip(many, 40, 999, &r) <= 0.002);
    (void)state;
}

static void exact_intervals(void **state)
{
    struct rng r = rng_new(1);
    double d[] = { 1, 2, 3, 4, 5, 6, 7, 8, 9, 10 };
    struct interval i = stats_median_interval(d, 10, 0.95, 1000, &r); /* Conover, table A3: ranks 2 and 9 */
    NEAR(i.lo, 2, 0);
    NEAR(i.hi, 9, 0);
    i = stats_median_interval(d, 4, 0.95, 1000, &r);
    assert_true(isinf(i.lo) && isinf(i.hi));
    (void)state;
}

static void holm(void **state)
{
    double p[] = { 0.01, 0.04, 0.03, 0.005 };
    stats_holm(p, 4);
    NEAR(p[0], 0.03, 1e-12);
    NEAR(p[1], 0.06, 1e-12);
    NEAR(p[2], 0.06, 1e-12);
    NEAR(p[3], 0.02, 1e-12);
    (void)state;
}

static void spending(void **state)
{
    NEAR(stats_alpha_spent(0.05, 0), 0, 0);
    NEAR(stats_alpha_spent(0.05, 1), 0.05, 0);
    NEAR(stats_alpha_spent(0.05, 0.5), 0.05 * log(1 + (exp(1) - 1) * 0.5), 1e-15);
    (void)state;
}

static void blocks(void **state)
{
    struct rng r = rng_new(3);
    uint8_t side[64];
    unsigned starts[2] = { 0 };
    stats_abba(&r, 32, side);
    for (int i = 0; i < 64; i += 4) {
        assert_int_equal(side[i], side[i + 3]);
        assert_int_equal(side[i + 1], side[i + 2]);
        assert_int_not_equal(side[i], side[i + 1]);
        starts[side[i]]++;
    }
    assert_true(starts[0] > 0 && starts[1] > 0);
    (void)state;
}

static void windows(struct rng *r, double factor, size_t n, double *a, double *b)
{
    double drift = 0;
    for (size_t i = 0; i < n; i++) {
        drift += 0.05 * rng_normal(r); /* the machine wanders */
        a[i] = exp(drift + 0.03 * rng_normal(r));
        b[i] = factor * exp(drift + 0.03 * rng_normal(r));
    }
}

static unsigned sure_differences(double factor, unsigned runs)
{
    struct rng r = rng_new(7);
    unsigned n = 0;
    for (unsigned k = 0; k < runs; k++) {
        double a[24], b[24];
        windows(&r, factor, 24, a, b);
        struct verdict v = stats_judge(a, b, 24, &(struct design){ .alpha = 0.05, .margin = 0.02, .rounds = 500 }, &r);
        n += v.kind == VERDICT_FASTER || v.kind == VERDICT_SLOWER;
    }
    return n;
}

static void promises(void **state)
{
    assert_true(sure_differences(1, 400) <= 400 * 0.05 + 2 * sqrt(400 * 0.05 * 0.95));
    assert_true(sure_differences(1.10, 200) >= 195);
    double a[24], b[24];
    struct rng r = rng_new(9);
    for (int i = 0; i < 24; i++) {
        a[i] = 100 + 0.1 * rng_normal(&r);
        b[i] = 100 + 0.1 * rng_normal(&r);
    }
    struct verdict v = stats_judge(a, b, 24, &(struct design){ .alpha = 0.05, .margin = 0.02 }, &r);
    assert_int_equal(v.kind, VERDICT_SAME);
    (void)state;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(quantiles), cmocka_unit_test(sign_flips), cmocka_unit_test(exact_intervals),
        cmocka_unit_test(holm),      cmocka_unit_test(spending),   cmocka_unit_test(blocks),
        cmocka_unit_test(promises),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
