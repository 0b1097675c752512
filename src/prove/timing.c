/* Times: pairs of windows, one of each side, whose requests alternate in randomised ABBA order, so that what the machine does
 * meanwhile hits both alike. A window gives one figure: of CPU time the mean of its faster half, for what a machine adds it
 * only ever adds; of latency the mean of all. All undecided routes take turns. Looks at fixed numbers of pairs spend alpha (Lan and DeMets), and
 * each route's share of it is Holm's: what is left divided by the routes not yet decided. For a false verdict first given
 * at look l, at least the true nulls are undecided, so its probability is at most sum over them of alpha_l / their number:
 * the sum over looks never exceeds alpha, whatever the routes have to do with each other. */
#include "prove/timing.h"

#include "prove/pin.h"

#include <string.h>

static const unsigned LOOKS[] = { 8, 12, 16, 24, 32, 48 };
enum { LOOKS_N = sizeof LOOKS / sizeof *LOOKS, WARM_MAX = 12, WARM_MIN = 4, WARM_AGAIN = 3, REQUESTS_A_WINDOW_MAX = 16, REQUESTS_A_WINDOW_MIN = 2, CANDIDATE_LANES = 3,
       CANDIDATE_PAIRS = 24, CANDIDATE_EPOCH = 4 };
static const double WINDOW_MS = 60, SLOWER_MOST = 0.03, PEAK_MOST = 0.20, PEAK_LESS = 0.03;
static const double PROCESSES_DIFFER = 0.02; /* below that, two processes of one version may */

/* One request of one side; l->why when it is not what it should be. */
static int ask_once(struct proving *p, struct lane *l, unsigned side, double *ret_cpu, double *ret_wall, struct err *err)
{
    struct running *s = side && !l->control ? &p->b : &p->a;
    struct reply r;
    int rc = side_call(s, l->ask, &l->jar[side], &p->people[l->ask->person], NULL, &r, err);
    if (rc)
        return rc;
    bool ok = !r.rc && r.told.any && r.r.status == l->ask->status;
    if (!ok && !l->why)
        l->why = r.rc ? arena_printf(p->arena, "side %s: %s", s->label, r.err.what)
                 : !r.told.any ? arena_printf(p->arena, "side %s sent no trace", s->label)
                               : arena_printf(p->arena, "side %s answers %d instead of %d", s->label, r.r.status, l->ask->status);
    *ret_cpu = r.told.v[M_CPU];
    *ret_wall = r.told.v[M_LATENCY];
    if (ok && l->nsamples[side] < LANE_SAMPLES) {
        l->cpu[side][l->nsamples[side]] = r.told.v[M_CPU];
        l->wall[side][l->nsamples[side]] = r.told.v[M_LATENCY];
        l->peak[side] = fmax(l->peak[side], r.told.v[M_PEAK_KB]);
        l->nsamples[side]++;
    }
    reply_release(&r);
    return RC_OK;
}

static double faster_half(double *x, size_t n)
{
    (void)stats_median(x, n); /* sorts */
    return stats_mean(x, (n + 1) / 2);
}

/* A pair of windows: their requests by turns. */
static int pair(struct proving *p, struct lane *l, double cpu[2], double wall[2], struct err *err)
{
    double c[2][REQUESTS_A_WINDOW_MAX], w[2][REQUESTS_A_WINDOW_MAX];
    uint8_t order[2 * REQUESTS_A_WINDOW_MAX];
    size_t n[2] = { 0, 0 };
    stats_abba(&p->rng, l->k, order);
    for (size_t i = 0; i < 2 * (size_t)l->k && !l->why; i++) {
        unsigned side = order[i];
        int rc = ask_once(p, l, side, &c[side][n[side]], &w[side][n[side]], err);
        if (rc)
            return rc;
        n[side]++;
    }
    for (unsigned side = 0; side < 2 && !l->why; side++) {
        wall[side] = stats_mean(w[side], n[side]);
        cpu[side] = faster_half(c[side], n[side]);
    }
    return RC_OK;
}

/* Until the times of both sides no longer fall: compiled views, OPcache, filled caches. Also tells how many requests
 * make a window. */
static int warm_up(struct proving *p, struct lane *l, struct err *err)
{
    double last[2] = { 0, 0 };
    for (unsigned side = 0; side < 2; side++) {
        struct running *s = side && !l->control ? &p->b : &p->a;
        double best = INFINITY;
        size_t had = l->n ? l->nsamples[side] : 0;
        double peak = l->n ? l->peak[side] : 0;
        int rc = l->jar[side].n ? RC_OK : jar_copy(&l->jar[side], &s->jars[l->ask->person], err);
        for (unsigned i = 0; i < WARM_MAX && !rc && !l->why; i++) {
            double cpu, wall;
            rc = ask_once(p, l, side, &cpu, &wall, err);
            last[side] = cpu;
            if ((l->n && i + 1 >= WARM_AGAIN) || (i + 1 >= WARM_MIN && cpu > best * 0.97))
                break;
            best = fmin(best, cpu);
        }
        l->nsamples[side] = had; /* a cold request is no sample */
        l->peak[side] = peak;
        if (rc)
            return rc;
    }
    if (l->n)
        return RC_OK; /* the windows so far had this length */
    double each = fmax(fmin(last[0], last[1]), 0.1);
    l->warm_ms = last[0];
    l->k = (unsigned)fmin(fmax(ceil(p->window_ms / each), REQUESTS_A_WINDOW_MIN), REQUESTS_A_WINDOW_MAX);
    return RC_OK;
}

/* One pair, on one core. */
static int take_pair(struct proving *p, const struct pins *pins, struct lane *l, struct err *err)
{
    double cpu[2], wall[2];
    if (pins->ncpus)
        pins_set(pins, pins->cpus[rng_below(&p->rng, pins->ncpus)]);
    int rc = pair(p, l, cpu, wall, err);
    for (unsigned side = 0; side < 2 && !rc && !l->why; side++) {
        l->w[side][l->n] = cpu[side];
        l->latency[side][l->n] = wall[side];
    }
    l->n += !rc && !l->why;
    return rc;
}

static unsigned pairs_most(const struct proving *p)
{
    return p->o->candidate && p->pairs_max > CANDIDATE_PAIRS ? CANDIDATE_PAIRS : p->pairs_max;
}

/* Of a candidate several pairs share two processes, to be quick: then no difference is called that processes of one version
 * may have. All that is kept is timed once more, each pair with processes of its own. */
static void doubt(const struct proving *p, struct verdict *v)
{
    bool small = (v->kind == VERDICT_FASTER && v->interval.hi > -PROCESSES_DIFFER) ||
                 (v->kind == VERDICT_SLOWER && v->interval.lo < PROCESSES_DIFFER);
    if (p->o->candidate && small)
        v->kind = VERDICT_UNDECIDED;
}

static bool does_less(const struct lane *l)
{
    static const enum metric all[] = { M_STATEMENTS, M_ROWS, M_MODELS, M_CACHE, M_HTTP };
    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        if (isfinite(l->counters[0][all[i]]) && l->counters[1][all[i]] < l->counters[0][all[i]])
            return true;
    return l->counters[1][M_PEAK_KB] < l->counters[0][M_PEAK_KB] * (1 - PEAK_LESS);
}

/* What does less by the counters need not be shown to be faster, if it is surely not slower; of the routes besides the one
 * that a candidate is made for that is all there is to ask. */
static bool is_enough(const struct proving *p, const struct lanes *all, const struct lane *l)
{
    bool own = p->o->candidate && l == all->items;
    return p->o->until_not_slower && !l->control && l->not_slower && (!own || does_less(l));
}

static void look(struct proving *p, struct lanes *all, struct lane *l)
{
    while (l->looks < LOOKS_N && l->n >= LOOKS[l->looks]) {
        double t = fmin((double)LOOKS[l->looks] / pairs_most(p), 1), before = l->looks ? (double)LOOKS[l->looks - 1] / pairs_most(p) : 0;
        double share = stats_alpha_spent(p->alpha, t) - stats_alpha_spent(p->alpha, before);
        struct design d = { .alpha = p->alpha, .alpha_now = l->control ? share : share / (double)(all->ntested - all->ndecided), .margin = p->margin };
        l->looks++;
        if (l->looks < LOOKS_N && l->n >= LOOKS[l->looks])
            continue;
        l->cpu_verdict = stats_judge(l->w[0], l->w[1], l->n, &d, &p->rng);
        l->latency_verdict = stats_judge(l->latency[0], l->latency[1], l->n, &d, &p->rng);
        doubt(p, &l->cpu_verdict);
        doubt(p, &l->latency_verdict);
        l->not_slower = l->cpu_verdict.interval.hi < SLOWER_MOST;
        l->decided = l->cpu_verdict.kind != VERDICT_UNDECIDED || is_enough(p, all, l);
        all->ndecided += l->decided && !l->control;
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

/* Processes anew, warm again: where code and data come to lie in memory moves times by 1 to 3 %, the same way for all of a
 * process's life. Pairs of the same two processes are not independent, so each pair has two of its own. */
static int new_epoch(struct proving *p, struct lanes *all, struct err *err)
{
    int rc = instance_restart(p->a.in, err);
    rc = rc ? rc : instance_restart(p->b.in, err);
    if (!rc)
        pins_find(&all->pins, p->a.in, p->b.in);
    for (size_t i = 0; i < all->n && !rc; i++)
        if (!all->items[i].decided && !all->items[i].why && all->items[i].n < PAIRS_MAX)
            rc = warm_up(p, &all->items[i], err);
    return rc;
}

static bool is_open(const struct proving *p, const struct lane *l)
{
    return !l->decided && !l->why && l->n < pairs_most(p);
}

/* One pair for every open route. The control follows the others and outlasts none of them, but has its first look. */
static int turn(struct proving *p, struct lanes *all, bool *ret_open, struct err *err)
{
    bool open = false;
    for (size_t i = 0; i < all->n; i++)
        open |= !all->items[i].control && is_open(p, &all->items[i]);
    *ret_open = false;
    for (size_t i = 0; i < all->n; i++) {
        struct lane *l = &all->items[i];
        if (!is_open(p, l) || (l->control && !open && l->looks))
            continue;
        if (prove_stopped(p))
            return err_set(err, RC_INTERRUPTED, NULL, "stopped");
        if (prove_left_s(p) <= 0) {
            all->ended_by_budget = true;
            return RC_OK;
        }
        int rc = take_pair(p, &all->pins, l, err);
        if (rc)
            return rc;
        look(p, all, l);
        tell(p, l);
        *ret_open = true;
    }
    return RC_OK;
}

static int measure(struct proving *p, struct lanes *all, struct err *err)
{
    unsigned epoch = p->o->candidate && p->epoch_pairs ? CANDIDATE_EPOCH : p->epoch_pairs;
    bool open = true;
    for (size_t pairs = 1; open && !all->ended_by_budget; pairs++) {
        int rc = turn(p, all, &open, err);
        if (!rc && open && epoch && pairs % epoch == 0)
            rc = new_epoch(p, all, err);
        if (rc)
            return rc;
    }
    return RC_OK;
}

static bool is_timed(const struct proving *p, const struct ask *q)
{
    return q->status >= 200 && q->status < 300 && (q->touched || p->cover.reaches_all) && (q->compared || p->o->timing_only);
}

/* How much a route tells of a candidate: its own route most, then those whose counters fall, then the dearest. */
static double weight_of(const struct proving *p, const struct lane *l)
{
    double statements = l->counters[0][M_STATEMENTS] - l->counters[1][M_STATEMENTS];
    double models = l->counters[0][M_MODELS] - l->counters[1][M_MODELS];
    double own = p->o->first_route && strcmp(p->o->first_route, l->ask->route) == 0 ? 1e12 : 0;
    double less = (isfinite(statements) ? fmax(statements, 0) : 0) + (isfinite(models) ? fmax(models, 0) / 100 : 0);
    return own + less * 1e6 + (isfinite(l->counters[0][M_CPU]) ? l->counters[0][M_CPU] : 0);
}

static void keep_weightiest(const struct proving *p, struct lanes *all)
{
    size_t most = p->cover.reaches_all ? 1 : CANDIDATE_LANES;
    for (size_t i = 0; i < all->n && i < most; i++) {
        size_t best = i;
        for (size_t k = i + 1; k < all->n; k++)
            if (weight_of(p, &all->items[k]) > weight_of(p, &all->items[best]))
                best = k;
        struct lane t = all->items[i];
        all->items[i] = all->items[best];
        all->items[best] = t;
    }
    all->n = all->n < most ? all->n : most;
}

static void open_lane(struct proving *p, struct lane *l, const struct ask *q)
{
    size_t i = (size_t)(q - p->asks);
    *l = (struct lane){ .ask = q };
    for (unsigned side = 0; side < 2; side++)
        for (unsigned m = 0; m < M_COUNT; m++)
            l->counters[side][m] = p->told[i][side].any ? p->told[i][side].v[m] : NAN;
}

/* One lane a route: of its requests that answer 2xx the dearest, where both sides were asked it already. */
static int make_lanes(struct proving *p, struct lanes *all, struct err *err)
{
    all->items = arena_new_array(p->arena, struct lane, ROUTES_MAX + 1);
    if (!all->items)
        return err_set(err, RC_NOMEM, NULL, "no memory for windows");
    for (size_t i = 0; i < p->nasks; i++) {
        const struct ask *q = &p->asks[i];
        struct lane *known = NULL;
        for (size_t k = 0; k < all->n && !known; k++)
            known = strcmp(all->items[k].ask->route, q->route) == 0 ? &all->items[k] : NULL;
        if (!is_timed(p, q) || (!known && all->n == ROUTES_MAX))
            continue;
        if (!known)
            open_lane(p, &all->items[all->n++], q);
        else if (p->told[i][0].v[M_CPU] > p->told[known->ask - p->asks][0].v[M_CPU] * 1.05)
            open_lane(p, known, q);
    }
    if (p->o->candidate)
        keep_weightiest(p, all);
    return RC_OK;
}

/* The dearest route against itself, by the same design. */
static void add_control(struct lanes *all)
{
    const struct lane *best = NULL;
    for (size_t i = 0; i < all->n; i++) {
        const struct lane *l = &all->items[i];
        if (!l->why && (!best || l->warm_ms > best->warm_ms))
            best = l;
    }
    if (best) {
        struct lane *c = &all->items[all->n++];
        *c = (struct lane){ .ask = best->ask, .control = true, .k = best->k, .warm_ms = best->warm_ms };
    }
}

static double median_copy(const double *x, size_t n)
{
    double copy[LANE_SAMPLES];
    n = n < LANE_SAMPLES ? n : LANE_SAMPLES;
    memcpy(copy, x, n * sizeof *x);
    return n ? stats_median(copy, n) : NAN;
}

static const double *keep(struct proving *p, const double *x, size_t n)
{
    double *copy = arena_new_array(p->arena, double, n + 1);
    if (copy)
        memcpy(copy, x, n * sizeof *x);
    return copy;
}

/* Intervals also of what no look was due for; a verdict only by looks. */
static void judge_rest(struct proving *p, struct lanes *all, struct lane *l)
{
    if (l->cpu_verdict.pairs || l->n < 2)
        return;
    struct design d = { .alpha = l->control ? p->alpha : p->alpha / (double)all->ntested, .margin = p->margin };
    l->cpu_verdict = stats_judge(l->w[0], l->w[1], l->n, &d, &p->rng);
    l->latency_verdict = stats_judge(l->latency[0], l->latency[1], l->n, &d, &p->rng);
    l->cpu_verdict.kind = l->latency_verdict.kind = VERDICT_UNDECIDED;
}

static void conclude_route(struct proving *p, const struct lane *l, struct route_proof *r)
{
    *r = (struct route_proof){ .route = l->ask->route, .url = l->ask->path, .cpu = l->cpu_verdict, .why_not = l->why, .not_slower = l->not_slower,
                               .latency = l->latency_verdict, .nwindows = l->n, .requests_a_window = l->k,
                               .windows_a = keep(p, l->w[0], l->n), .windows_b = keep(p, l->w[1], l->n) };
    for (unsigned side = 0; side < 2; side++) {
        double *to = side ? r->b : r->a;
        for (unsigned m = 0; m < M_COUNT; m++)
            to[m] = l->counters[side][m];
        to[M_CPU] = median_copy(l->cpu[side], l->nsamples[side]);
        to[M_LATENCY] = median_copy(l->wall[side], l->nsamples[side]);
        if (l->peak[side] > 0)
            to[M_PEAK_KB] = l->peak[side];
    }
    for (unsigned m = M_STATEMENTS; m <= M_HTTP; m++)
        r->counters_differ |= isfinite(r->a[m]) && isfinite(r->b[m]) && r->a[m] != r->b[m];
}

static void cost_of_fix(struct proving *p, const struct route_proof *r)
{
    struct proof *proof = p->proof;
    double peak = r->b[M_PEAK_KB] / r->a[M_PEAK_KB] - 1;
    if (!proof->cost_of_fix && r->cpu.kind == VERDICT_SLOWER && r->cpu.effect > SLOWER_MOST)
        proof->cost_of_fix = arena_printf(p->arena, "%s is %.1f %% slower", r->route, r->cpu.effect * 100);
    else if (!proof->cost_of_fix && isfinite(peak) && peak > PEAK_MOST)
        proof->cost_of_fix = arena_printf(p->arena, "the peak memory of %s rises by %.0f %%", r->route, peak * 100);
}

/* All routes as one: the mean of their log-ratios, pair by pair, over as many pairs as every one of them has. */
static void judge_whole(struct proving *p, const struct lanes *all)
{
    double a[PAIRS_MAX], b[PAIRS_MAX];
    size_t n = PAIRS_MAX, lanes = 0;
    for (size_t i = 0; i < all->n; i++) {
        const struct lane *l = &all->items[i];
        if (l->control || l->why || l->n < 2)
            continue;
        n = l->n < n ? l->n : n;
        lanes++;
    }
    for (size_t k = 0; k < n && lanes; k++) {
        double sum = 0;
        for (size_t i = 0; i < all->n; i++) {
            const struct lane *l = &all->items[i];
            if (!l->control && !l->why && l->n >= 2)
                sum += log(l->w[1][k] / l->w[0][k]);
        }
        a[k] = 1;
        b[k] = exp(sum / (double)lanes);
    }
    if (lanes)
        p->proof->whole = stats_judge(a, b, n, &(struct design){ .alpha = p->alpha, .margin = p->margin }, &p->rng);
}

static void judge_overall(struct proof *proof)
{
    unsigned n[4] = { 0 };
    for (size_t i = 0; i < proof->nroutes; i++)
        n[proof->routes[i].why_not ? VERDICT_UNDECIDED : proof->routes[i].cpu.kind]++;
    proof->verdict = n[VERDICT_SLOWER] ? VERDICT_SLOWER : n[VERDICT_FASTER] ? VERDICT_FASTER
                     : n[VERDICT_SAME] && !n[VERDICT_UNDECIDED] ? VERDICT_SAME : VERDICT_UNDECIDED;
}

/* The control may only be wrong as often as one run in a hundred before it is believed that the machine is. */
static const double CONTROL_ALPHA = 0.01;

static void conclude_control(struct proving *p, const struct lane *l)
{
    struct proof *proof = p->proof;
    proof->aa = l->cpu_verdict;
    proof->aa_ms[0] = median_copy(l->cpu[0], l->nsamples[0]);
    proof->aa_ms[1] = median_copy(l->cpu[1], l->nsamples[1]);
    struct verdict strict = stats_judge(l->w[0], l->w[1], l->n, &(struct design){ .alpha = CONTROL_ALPHA, .margin = p->margin }, &p->rng);
    if (strict.kind == VERDICT_FASTER || strict.kind == VERDICT_SLOWER)
        proof->invalid = arena_printf(p->arena, "A against A differs by %+.1f %%: this machine is too unsteady now", strict.effect * 100);
}

static int conclude(struct proving *p, struct lanes *all, struct err *err)
{
    struct proof *proof = p->proof;
    proof->routes = arena_new_array(p->arena, struct route_proof, all->n + 1);
    if (!proof->routes)
        return err_set(err, RC_NOMEM, NULL, "no memory for the result");
    for (size_t i = 0; i < all->n; i++) {
        struct lane *l = &all->items[i];
        judge_rest(p, all, l);
        if (l->control) {
            conclude_control(p, l);
        } else {
            struct route_proof *r = &proof->routes[proof->nroutes++];
            conclude_route(p, l, r);
            cost_of_fix(p, r);
        }
    }
    judge_whole(p, all);
    judge_overall(proof);
    return RC_OK;
}

void timing_defaults(struct proving *p)
{
    p->window_ms = WINDOW_MS;
    p->pairs_max = PAIRS_MAX;
    p->epoch_pairs = EPOCH_PAIRS;
}

/* Both begin with new processes: one that has served other tries would be another machine. */
static int fresh_processes(struct proving *p, struct err *err)
{
    int rc = instance_tier(p->a.in, FW_ALWAYS, err);
    rc = rc ? rc : instance_tier(p->b.in, FW_ALWAYS, err);
    return rc || p->tries < 2 ? rc : instance_restart(p->a.in, err);
}

int timing_run(struct proving *p, struct err *err)
{
    struct lanes all = { 0 };
    int rc = fresh_processes(p, err);
    if (!rc)
        rc = make_lanes(p, &all, err);
    for (size_t i = 0; i < all.n && !rc; i++) {
        prove_say(p, "warm up  %s", all.items[i].ask->route);
        rc = warm_up(p, &all.items[i], err);
        all.ntested += !all.items[i].why;
    }
    if (!rc && !p->no_control) {
        add_control(&all);
        struct lane *c = all.n ? &all.items[all.n - 1] : NULL;
        for (unsigned side = 0; c && c->control && side < 2 && !rc; side++)
            rc = jar_copy(&c->jar[side], &p->a.jars[c->ask->person], err);
    }
    pins_find(&all.pins, p->a.in, p->b.in);
    if (!rc)
        rc = measure(p, &all, err);
    pins_free(&all.pins);
    if (!rc)
        rc = conclude(p, &all, err);
    int deep = instance_tier(p->a.in, FW_DEEP, rc ? &(struct err){ 0 } : err);
    rc = rc ? rc : deep;
    p->proof->stopped_because = all.ended_by_budget ? "budget" : "sure";
    for (size_t i = 0; i < all.n; i++) {
        jar_clear(&all.items[i].jar[0]);
        jar_clear(&all.items[i].jar[1]);
    }
    return rc;
}
