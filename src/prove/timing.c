/* Times: short windows of one route on one side, in randomised ABBA blocks, one figure a window. All undecided routes take
 * turns, so that drift of the machine meets all alike. Looks at fixed numbers of pairs spend alpha (Lan and DeMets), and
 * each route's share of it is Holm's: what is left divided by the routes not yet decided. For a false verdict first given
 * at look l, at least the true nulls are undecided, so its probability is at most sum over them of alpha_l / their number:
 * the sum over looks never exceeds alpha, whatever the routes have to do with each other. */
#include "prove/timing.h"

#include <string.h>

static const unsigned LOOKS[] = { 12, 16, 24, 32, 48, 64, 96 };
enum { LOOKS_N = sizeof LOOKS / sizeof *LOOKS, WARM_MAX = 12, WARM_MIN = 4, REQUESTS_A_WINDOW_MAX = 32 };
static const double WINDOW_MS = 40;

static int window(struct proving *p, struct lane *l, struct running *s, double *ret_cpu, double *ret_wall, struct err *err)
{
    double cpu = 0, wall = 0;
    unsigned side = s == &p->b;
    for (unsigned i = 0; i < l->k; i++) {
        struct reply r;
        int rc = side_call(s, l->ask, &l->jar[side], &p->people[l->ask->person], NULL, &r, err);
        if (rc)
            return rc;
        bool ok = !r.rc && r.told.any && r.r.status == l->ask->status;
        if (!ok && !l->why)
            l->why = r.rc ? arena_printf(p->arena, "side %s: %s", s->label, r.err.what)
                     : !r.told.any ? arena_printf(p->arena, "side %s sent no trace", s->label)
                                   : arena_printf(p->arena, "side %s answers %d instead of %d", s->label, r.r.status, l->ask->status);
        cpu += r.told.v[M_CPU];
        wall += r.told.v[M_LATENCY];
        if (ok && l->nsamples[side] < LANE_SAMPLES) {
            l->cpu[side][l->nsamples[side]] = r.told.v[M_CPU];
            l->wall[side][l->nsamples[side]] = r.told.v[M_LATENCY];
            l->peak[side] = fmax(l->peak[side], r.told.v[M_PEAK_KB]);
            l->nsamples[side]++;
        }
        reply_release(&r);
        if (!ok)
            break;
    }
    *ret_cpu = cpu / l->k;
    *ret_wall = wall / l->k;
    return RC_OK;
}

/* Until the times of both sides no longer fall: compiled views, OPcache, filled caches. Also tells how many requests
 * make a window. */
static int warm_up(struct proving *p, struct lane *l, struct err *err)
{
    double last[2] = { 0, 0 };
    l->k = 1;
    for (unsigned side = 0; side < 2; side++) {
        struct running *s = side ? &p->b : &p->a;
        double best = INFINITY;
        int rc = jar_copy(&l->jar[side], &s->jars[l->ask->person], err);
        for (unsigned i = 0; i < WARM_MAX && !rc && !l->why; i++) {
            double cpu, wall;
            rc = window(p, l, s, &cpu, &wall, err);
            last[side] = wall;
            if (i + 1 >= WARM_MIN && cpu > best * 0.97)
                break;
            best = fmin(best, cpu);
        }
        l->nsamples[side] = 0;
        l->peak[side] = 0;
        if (rc)
            return rc;
    }
    double each = fmax(fmin(last[0], last[1]), 0.1);
    l->k = (unsigned)fmin(fmax(ceil(WINDOW_MS / each), 1), REQUESTS_A_WINDOW_MAX);
    return RC_OK;
}

/* Two pairs: ABBA or BAAB. */
static int block(struct proving *p, struct lane *l, struct err *err)
{
    uint8_t order[4];
    stats_abba(&p->rng, 2, order);
    for (unsigned i = 0; i < 4 && !l->why; i++) {
        double cpu, wall;
        size_t pair = l->n + i / 2;
        int rc = window(p, l, order[i] ? &p->b : &p->a, &cpu, &wall, err);
        if (rc)
            return rc;
        l->w[order[i]][pair] = cpu;
        l->latency[order[i]][pair] = wall;
    }
    if (!l->why)
        l->n += 2;
    return RC_OK;
}

static void look(struct proving *p, struct lanes *all, struct lane *l)
{
    while (l->looks < LOOKS_N && l->n >= LOOKS[l->looks]) {
        double t = (double)LOOKS[l->looks] / PAIRS_MAX, before = l->looks ? (double)LOOKS[l->looks - 1] / PAIRS_MAX : 0;
        double share = stats_alpha_spent(p->alpha, t) - stats_alpha_spent(p->alpha, before);
        struct design d = { .alpha = p->alpha, .alpha_now = share / (double)(all->ntested - all->ndecided), .margin = p->margin };
        l->looks++;
        if (l->looks < LOOKS_N && l->n >= LOOKS[l->looks])
            continue;
        l->cpu_verdict = stats_judge(l->w[0], l->w[1], l->n, &d, &p->rng);
        l->latency_verdict = stats_judge(l->latency[0], l->latency[1], l->n, &d, &p->rng);
        l->decided = l->cpu_verdict.kind != VERDICT_UNDECIDED;
        all->ndecided += l->decided;
    }
}

static void tell(struct proving *p, const struct lane *l)
{
    const struct verdict *v = &l->cpu_verdict;
    if (v->pairs && isfinite(v->interval.lo))
        prove_say(p, "pair %zu  %+.1f %% (%+.1f to %+.1f)  %s", l->n, v->effect * 100, v->interval.lo * 100,
                  v->interval.hi * 100, l->ask->route);
    else
        prove_say(p, "pair %zu  %s", l->n, l->ask->route);
}

static int measure(struct proving *p, struct lanes *all, struct err *err)
{
    for (;;) {
        bool open = false;
        for (size_t i = 0; i < all->n; i++) {
            struct lane *l = &all->items[i];
            if (l->decided || l->why || l->n + 2 > PAIRS_MAX)
                continue;
            if (prove_stopped(p))
                return err_set(err, RC_INTERRUPTED, NULL, "stopped");
            if (prove_left_s(p) <= 0) {
                all->ended_by_budget = true;
                return RC_OK;
            }
            int rc = block(p, l, err);
            if (rc)
                return rc;
            look(p, all, l);
            tell(p, l);
            open = true;
        }
        if (!open)
            return RC_OK;
    }
}

/* One lane a route: its first request that answers 2xx, the person with most rows first. */
static int make_lanes(struct proving *p, struct lanes *all, struct err *err)
{
    all->items = arena_new_array(p->arena, struct lane, ROUTES_MAX);
    if (!all->items)
        return err_set(err, RC_NOMEM, NULL, "no memory for windows");
    for (size_t i = 0; i < p->nasks; i++) {
        struct ask *q = &p->asks[i];
        bool known = false;
        for (size_t k = 0; k < all->n && !known; k++)
            known = strcmp(all->items[k].ask->route, q->route) == 0;
        bool ok = q->status >= 200 && q->status < 300 && (q->touched || p->cover.reaches_all);
        if (known || !ok || all->n == ROUTES_MAX)
            continue;
        struct lane *l = &all->items[all->n++];
        *l = (struct lane){ .ask = q };
        for (unsigned side = 0; side < 2; side++)
            for (unsigned m = 0; m < M_COUNT; m++)
                l->counters[side][m] = p->told[i][side].any ? p->told[i][side].v[m] : NAN;
    }
    return RC_OK;
}

static double median_copy(const double *x, size_t n)
{
    double copy[LANE_SAMPLES];
    n = n < LANE_SAMPLES ? n : LANE_SAMPLES;
    memcpy(copy, x, n * sizeof *x);
    return n ? stats_median(copy, n) : NAN;
}

static int conclude(struct proving *p, struct lanes *all, struct err *err)
{
    struct proof *proof = p->proof;
    proof->routes = arena_new_array(p->arena, struct route_proof, all->n + 1);
    if (!proof->routes)
        return err_set(err, RC_NOMEM, NULL, "no memory for the result");
    for (size_t i = 0; i < all->n; i++) {
        struct lane *l = &all->items[i];
        struct route_proof *r = &proof->routes[proof->nroutes++];
        if (!l->cpu_verdict.pairs && l->n >= 2) {
            struct design d = { .alpha = p->alpha / (double)all->ntested, .margin = p->margin };
            l->cpu_verdict = stats_judge(l->w[0], l->w[1], l->n, &d, &p->rng);
            l->latency_verdict = stats_judge(l->latency[0], l->latency[1], l->n, &d, &p->rng);
            l->cpu_verdict.kind = l->latency_verdict.kind = VERDICT_UNDECIDED; /* no look was due */
        }
        *r = (struct route_proof){ .route = l->ask->route, .url = l->ask->path, .cpu = l->cpu_verdict, .why_not = l->why,
                                   .latency = l->latency_verdict, .nwindows = l->n, .requests_a_window = l->k };
        double *windows[2];
        for (unsigned side = 0; side < 2; side++) {
            double *to = side ? r->b : r->a;
            for (unsigned m = 0; m < M_COUNT; m++)
                to[m] = l->counters[side][m];
            to[M_CPU] = median_copy(l->cpu[side], l->nsamples[side]);
            to[M_LATENCY] = median_copy(l->wall[side], l->nsamples[side]);
            if (l->peak[side] > 0)
                to[M_PEAK_KB] = l->peak[side];
            windows[side] = arena_new_array(p->arena, double, l->n + 1);
            if (windows[side])
                memcpy(windows[side], l->w[side], l->n * sizeof(double));
        }
        r->windows_a = windows[0];
        r->windows_b = windows[1];
    }
    return RC_OK;
}

int timing_run(struct proving *p, struct err *err)
{
    struct lanes all = { 0 };
    int rc = instance_tier(p->a.in, FW_ALWAYS, err);
    if (!rc)
        rc = instance_tier(p->b.in, FW_ALWAYS, err);
    if (!rc)
        rc = make_lanes(p, &all, err);
    for (size_t i = 0; i < all.n && !rc; i++) {
        prove_say(p, "warm up  %s", all.items[i].ask->route);
        rc = warm_up(p, &all.items[i], err);
        all.ntested += !all.items[i].why;
    }
    if (!rc)
        rc = measure(p, &all, err);
    if (!rc)
        rc = conclude(p, &all, err);
    p->proof->stopped_because = all.ended_by_budget ? "budget" : "sure";
    for (size_t i = 0; i < all.n; i++) {
        jar_clear(&all.items[i].jar[0]);
        jar_clear(&all.items[i].jar[1]);
    }
    return rc;
}
