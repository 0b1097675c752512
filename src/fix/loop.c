/* The loop: plan, check, prove each fix alone, then all kept ones together; deliver a branch. */
#include "fix/branch.h"
#include "fix/fix.h"
#include "fix/suite.h"

#include <limits.h>
#include <math.h>
#include <stdarg.h>
#include <stdlib.h>

struct loop {
    const struct app *app;
    const struct flows *flows;
    const struct workload *load;
    const struct schema *schema;
    const struct fix_opts *opts;
    struct arena *arena;
    struct fix_result *result;
    struct workdir work;
    uint64_t started_ns;
    struct prover *prover;
    unsigned folders;
};

static void say(struct loop *l, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
static void say(struct loop *l, const char *fmt, ...)
{
    char line[256];
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(line, sizeof line, fmt, ap);
    va_end(ap);
    if (l->opts->progress)
        l->opts->progress(l->opts->progress_ctx, line);
}

static bool stopped(const struct loop *l)
{
    return l->opts->stop && *l->opts->stop;
}

static uint64_t time_left(const struct loop *l)
{
    uint64_t used = now_ns() - l->started_ns;
    return l->opts->budget_ns > used ? l->opts->budget_ns - used : 0;
}

/* --- planning --- */

static bool chosen(const struct fix_opts *o, const struct findings *fs, size_t i)
{
    const struct finding *f = &fs->items[i];
    if (o->only_rule && strcmp(o->only_rule, f->rule))
        return false;
    if (!o->finding)
        return f->fix_kind == FIX_AUTO && f->tier == TIER_RANKED;
    char *end;
    unsigned long number = strtoul(o->finding, &end, 10);
    bool is_number = !*end && strlen(o->finding) < 6;
    return is_number ? number == i + 1 : !strncmp(f->id, o->finding, strlen(o->finding));
}

static int plan_all(struct loop *l, const struct findings *fs, struct err *err)
{
    struct fix_result *r = l->result;
    r->steps = arena_new_array(l->arena, struct fix_step, fs->n + 1);
    if (!r->steps)
        return err_set(err, RC_NOMEM, NULL, "no memory to plan fixes");
    for (size_t i = 0; i < fs->n; i++) {
        if (!chosen(l->opts, fs, i))
            continue;
        struct fix_step *s = &r->steps[r->nsteps++];
        struct fix_in in = { l->app, l->flows, l->schema, l->load, &fs->items[i], flow_of_finding(l->flows, &fs->items[i]) };
        s->finding = &fs->items[i];
        int rc = fix_plan(&in, l->arena, &s->plan, err);
        if (rc)
            return rc;
        s->state = s->plan.answer == FIX_EDITS ? FIX_PLANNED : FIX_LEFT;
        s->why = s->plan.answer == FIX_EDITS ? NULL : s->plan.reason;
    }
    return RC_OK;
}

/* --- proving --- */

static const double SLOWER_MOST_WHOLE = 0.03, PEAK_LESS = 0.03, RESERVED = 0.35;
enum { SHARES = 4 };
static const uint64_t LEAST_NS = 5000000000u, MOST_NS = 90000000000u, TOGETHER_LEAST_NS = 30000000000u;

/* The edited files of all sets in a new folder: a side's edits_dir. */
static const char *folder_of(struct loop *l, const struct edit_set *const *sets, size_t n, struct err *err)
{
    const char *folder = arena_printf(l->arena, "%s/side.%u", l->work.path, l->folders++);
    if (!folder || dir_make(folder, err) || edits_to_folder(l->app, sets, n, folder, err))
        return NULL;
    return folder;
}

static struct prove_opts opts_for(struct loop *l, const char *folder, uint64_t budget)
{
    struct prove_opts o = l->opts->prove;
    o.a = (struct side){ "before", l->app->dir, NULL };
    o.b = (struct side){ "after", l->app->dir, folder };
    o.budget_ns = budget;
    o.until_not_slower = true;
    o.stop = l->opts->stop;
    o.progress = l->opts->progress;
    o.progress_ctx = l->opts->progress_ctx;
    return o;
}

/* Of one finding alone its own route is enough to list: then that is what the proof says. */
static const char *route_pattern(struct loop *l, const struct finding *f)
{
    const char *path = f->route ? strchr(f->route, '/') : NULL;
    return path && strncmp(f->route, "livewire ", 9) ? arena_strdup(l->arena, path) : NULL;
}

/* Side A, once for all candidates. */
static int open_prover(struct loop *l, struct err *err)
{
    struct fix_result *r = l->result;
    struct side *all = arena_new_array(l->arena, struct side, r->nsteps + 1);
    const char *routes[2] = { NULL, NULL };
    size_t n = 0;
    if (!all)
        return err_set(err, RC_NOMEM, NULL, "no memory to try fixes");
    for (size_t i = 0; i < r->nsteps; i++) {
        struct fix_step *s = &r->steps[i];
        const struct edit_set *set = &s->plan.set;
        if (s->state != FIX_PLANNED)
            continue;
        s->folder = folder_of(l, &set, 1, err);
        if (!s->folder)
            return err->rc;
        routes[0] = route_pattern(l, s->finding);
        all[n++] = (struct side){ "after", l->app->dir, s->folder };
    }
    if (!n)
        return RC_OK;
    struct prove_opts o = opts_for(l, NULL, time_left(l) / 3);
    o.routes = n == 1 && routes[0] ? routes : NULL;
    return prover_open(l->app, &o, all, n, l->arena, &l->prover, err);
}

static const struct route_proof *route_of(const struct proof *p, const char *name)
{
    for (size_t i = 0; name && i < p->nroutes; i++)
        if (!strcmp(p->routes[i].route, name))
            return &p->routes[i];
    return p->nroutes ? &p->routes[0] : NULL;
}

static const char *counters(struct loop *l, const struct route_proof *r)
{
    static const struct {
        enum metric m;
        const char *name;
    } shown[] = { { M_STATEMENTS, "statements" }, { M_MODELS, "models" }, { M_ROWS, "rows" }, { M_CACHE, "cache calls" },
                  { M_HTTP, "outgoing calls" }, { M_PEAK_KB, "peak memory in kB" } };
    const char *text = "";
    for (size_t i = 0; r && i < sizeof shown / sizeof *shown; i++) {
        double a = r->a[shown[i].m], b = r->b[shown[i].m];
        bool differs = isfinite(a) && isfinite(b) && (shown[i].m == M_PEAK_KB ? fabs(b - a) > a * PEAK_LESS : a != b);
        if (differs)
            text = arena_printf(l->arena, "%s%s %.0f to %.0f, ", text, shown[i].name, a, b);
    }
    return text;
}

/* The honest label: what was measured, on how much, and what was not. */
static const char *figures(struct loop *l, const struct fix_step *s)
{
    const struct proof *p = s->proof;
    const struct coverage *c = &p->coverage;
    const struct route_proof *r = route_of(p, s->finding->route);
    const char *cpu = "";
    if (r && !r->why_not && r->cpu.pairs && isfinite(r->cpu.effect) && isfinite(r->cpu.interval.lo) && isfinite(r->cpu.interval.hi))
        cpu = arena_printf(l->arena, "CPU %+.1f %% (%+.1f to %+.1f) on %s, ", r->cpu.effect * 100, r->cpu.interval.lo * 100,
                           r->cpu.interval.hi * 100, r->route);
    else if (r && !r->why_not && r->cpu.pairs && isfinite(r->cpu.effect))
        cpu = arena_printf(l->arena, "CPU %+.1f %% on %s, too few pairs for an interval, ", r->cpu.effect * 100, r->route);
    return arena_printf(l->arena, "%s%s%u of %u responses equal, %u %s, %u shapes, edited lines ran %llu times%s%s", cpu, counters(l, r),
                        c->responses_equal, c->responses, c->identities, c->identities == 1 ? "identity" : "identities", c->shapes,
                        (unsigned long long)c->runs_of_edited_lines, c->not_exercised ? ", not exercised: " : "",
                        c->not_exercised ? c->not_exercised : "");
}

static bool does_less(const struct route_proof *r)
{
    static const enum metric all[] = { M_STATEMENTS, M_MODELS, M_ROWS, M_CACHE, M_HTTP };
    bool less = false;
    for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
        if (r->b[all[i]] > r->a[all[i]] && (all[i] == M_STATEMENTS || all[i] == M_HTTP))
            return false;
        less |= r->b[all[i]] < r->a[all[i]];
    }
    return less || r->b[M_PEAK_KB] < r->a[M_PEAK_KB] * (1 - PEAK_LESS);
}

static const char *difference_of(struct loop *l, const struct proof *p)
{
    const struct difference *d = p->ndifferences ? &p->differences[0] : NULL;
    if (!d)
        return "behaviour differs";
    return arena_printf(l->arena, "behaviour differs: %s as %s, %s %s: %.80s became %.80s%s", d->route, d->identity, d->what, d->where,
                        d->a ? d->a : "nothing", d->b ? d->b : "nothing",
                        p->differences_total > 1 ? arena_printf(l->arena, ", and %llu more", (unsigned long long)p->differences_total - 1) : "");
}

/* Keeps what is faster, or does less by the noiseless counters and is surely not slower; the first reason against it wins. */
static void decide(struct loop *l, struct fix_step *s)
{
    const struct proof *p = s->proof;
    const struct route_proof *r = route_of(p, s->finding->route);
    bool less = r && !r->why_not && does_less(r) && (r->not_slower || r->cpu.kind == VERDICT_SAME);
    s->state = FIX_DROPPED;
    if (p->invalid)
        s->why = p->invalid;
    else if (!p->same_behaviour)
        s->why = difference_of(l, p);
    else if (p->coverage.not_exercised)
        s->why = arena_printf(l->arena, "an edited line never ran: %s", p->coverage.not_exercised);
    else if (p->coverage.not_comparable == p->coverage.responses)
        s->why = "no response could be compared: all vary by themselves";
    else if (p->cost_of_fix)
        s->why = p->cost_of_fix;
    else if (p->verdict == VERDICT_SLOWER)
        s->why = "it is slower";
    else if (p->verdict != VERDICT_FASTER && !less)
        s->why = arena_printf(l->arena, "%s: %s", p->verdict == VERDICT_SAME ? "it makes no difference" : "undecided when its time ended",
                              figures(l, s));
    else {
        s->state = FIX_KEPT;
        s->label = p->verdict == VERDICT_FASTER ? "faster" : "less work";
        s->why = figures(l, s);
    }
}

static bool is_slower(const struct proof *p)
{
    return p->same_behaviour && !p->invalid && p->verdict == VERDICT_SLOWER;
}

static void prove_step(struct loop *l, struct fix_step *s, size_t left)
{
    struct err err = { 0 };
    uint64_t reserved = (uint64_t)((double)l->opts->budget_ns * RESERVED), all = time_left(l);
    all = all > reserved ? all - reserved : 0;
    uint64_t budget = all / left * SHARES; /* most are sure long before */
    budget = budget < all ? budget : all;
    budget = budget < MOST_NS ? budget : MOST_NS;
    if (budget < LEAST_NS) {
        s->state = FIX_LEFT;
        s->why = "the budget ended before it was tried";
        return;
    }
    struct prove_opts o = opts_for(l, s->folder, budget);
    o.candidate = o.stop_at_difference = true;
    o.first_route = s->finding->route;
    say(l, "try: %s  %s:%u", s->plan.set.summary, s->finding->at.file, s->finding->at.line);
    int rc = prover_try(l->prover, &o, &s->proof, &err);
    if (!rc && is_slower(s->proof) && !stopped(l)) { /* a drop for being slower must be seen twice */
        say(l, "try: once more, for it seemed slower");
        rc = prover_try(l->prover, &o, &s->proof, &err);
    }
    if (rc) {
        s->state = FIX_DROPPED;
        s->why = arena_strdup(l->arena, err.what);
    } else {
        decide(l, s);
    }
    if (s->state == FIX_KEPT && l->opts->interactive && l->opts->ask && !l->opts->ask(l->opts->ask_ctx, s)) {
        s->state = FIX_LEFT;
        s->why = "you said no";
    }
    if (!stopped(l))
        say(l, "%s: %s", s->state == FIX_KEPT ? "kept" : s->state == FIX_DROPPED ? "dropped" : "left", s->why);
}

static size_t kept_steps(struct fix_result *r, struct fix_step **ret, size_t max)
{
    size_t n = 0;
    for (size_t i = 0; i < r->nsteps && n < max; i++)
        if (r->steps[i].state == FIX_KEPT)
            ret[n++] = &r->steps[i];
    return n;
}

/* A step that touches the bytes of one that is kept already is tried another time, not merged blindly. */
static bool clashes(struct fix_result *r, struct fix_step *s)
{
    const char *file;
    uint32_t off;
    for (size_t i = 0; i < r->nsteps; i++)
        if (r->steps[i].state == FIX_KEPT && edits_conflict(&r->steps[i].plan.set, &s->plan.set, &file, &off))
            return true;
    return false;
}

enum { KEPT_MAX = 200 };

static const char *union_folder(struct loop *l, struct fix_step *const *kept, size_t n, struct err *err)
{
    const struct edit_set *sets[KEPT_MAX];
    for (size_t i = 0; i < n; i++)
        sets[i] = &kept[i]->plan.set;
    return folder_of(l, sets, n, err);
}

static bool reaches(const struct fix_step *s, const char *route)
{
    for (size_t i = 0; s->proof && route && i < s->proof->ntouched; i++)
        if (!strcmp(s->proof->touched[i], route))
            return true;
    return false;
}

/* Why they do not hold together, NULL when they do; and the route that tells. */
static const char *against(struct loop *l, const struct proof *p, const char **ret_route)
{
    *ret_route = p->ndifferences ? p->differences[0].route : NULL;
    if (!p->same_behaviour)
        return difference_of(l, p);
    for (size_t i = 0; i < p->nroutes; i++)
        if (p->routes[i].cpu.kind == VERDICT_SLOWER && p->routes[i].cpu.effect > SLOWER_MOST_WHOLE) {
            *ret_route = p->routes[i].route;
            return arena_printf(l->arena, "%s is %.1f %% slower", p->routes[i].route, p->routes[i].cpu.effect * 100);
        }
    return p->cost_of_fix;
}

/* All kept ones together, on every route. Where they do not hold, the last one that reaches the route goes. */
static int prove_together(struct loop *l, struct err *err)
{
    struct fix_step *kept[KEPT_MAX];
    size_t n = kept_steps(l->result, kept, KEPT_MAX);
    while (n > 1 && !stopped(l)) {
        const char *folder = union_folder(l, kept, n, err), *route;
        if (!folder)
            return err->rc;
        uint64_t budget = time_left(l);
        struct prove_opts o = opts_for(l, folder, budget > TOGETHER_LEAST_NS ? budget : TOGETHER_LEAST_NS);
        o.stop_at_difference = true;
        say(l, "together: all %zu kept fixes, on every route", n);
        int rc = prover_try(l->prover, &o, &l->result->whole, err);
        if (rc)
            return rc;
        const char *why = against(l, l->result->whole, &route);
        if (!why)
            return RC_OK;
        size_t out = n - 1;
        while (out > 0 && !reaches(kept[out], route))
            out--;
        out = reaches(kept[out], route) ? out : n - 1;
        kept[out]->state = FIX_DROPPED;
        kept[out]->why = arena_printf(l->arena, "it does not hold together with the other fixes: %s", why);
        say(l, "dropped: %s: %s", kept[out]->plan.set.summary, kept[out]->why);
        n = kept_steps(l->result, kept, KEPT_MAX);
    }
    l->result->whole = n == 1 ? kept[0]->proof : n ? l->result->whole : NULL;
    return RC_OK;
}

static void drop_for_test(struct loop *l, struct fix_step *s, const struct suite_verdict *v)
{
    s->state = FIX_DROPPED;
    s->why = arena_printf(l->arena, "a test that passed before fails: %s", v->broken[0]);
    say(l, "dropped: %s: %s", s->plan.set.summary, s->why);
}

/* Which fix breaks the tests that broke: each alone. When none does so alone, none of them is believed. */
static int blame(struct loop *l, const struct suite_verdict *v, struct fix_step **kept, size_t n, uint64_t until, struct err *err)
{
    bool found = false;
    for (size_t i = 0; i < n && n > 1; i++) {
        bool breaks;
        say(l, "test: %s alone", kept[i]->plan.set.summary);
        int rc = suite_breaks(l->app, l->opts, kept[i]->folder, v, until, l->arena, &breaks, err);
        if (rc)
            return rc;
        if (breaks)
            drop_for_test(l, kept[i], v);
        found |= breaks;
    }
    size_t left = kept_steps(l->result, kept, KEPT_MAX);
    bool still = !found;
    const char *folder = found && left ? union_folder(l, kept, left, err) : NULL;
    if (found && left && !folder)
        return err->rc;
    int rc = folder ? suite_breaks(l->app, l->opts, folder, v, until, l->arena, &still, err) : RC_OK;
    for (size_t i = 0; i < left && still && !rc; i++)
        drop_for_test(l, kept[i], v);
    return rc;
}

/* The app's own tests: twice before, so that flaky ones are known, once with everything that is kept. */
static int run_tests(struct loop *l, struct err *err)
{
    struct fix_step *kept[KEPT_MAX];
    size_t n = kept_steps(l->result, kept, KEPT_MAX);
    struct suite_verdict v;
    if (!n)
        return RC_OK;
    const char *folder = union_folder(l, kept, n, err);
    if (!folder)
        return err->rc;
    uint64_t until = now_ns() + time_left(l) / (n > 1 ? 2 : 1);
    say(l, "test: the app's own tests, twice before and once after");
    int rc = suite_compare(l->app, l->opts, folder, until, l->arena, &v, err);
    if (rc)
        return rc;
    l->result->tests = v.text;
    return v.nbroken ? blame(l, &v, kept, n, until, err) : RC_OK;
}

static int try_all(struct loop *l, struct err *err)
{
    struct fix_result *r = l->result;
    int rc = open_prover(l, err);
    for (size_t i = 0; !rc && !stopped(l) && i < r->nsteps; i++) {
        struct fix_step *s = &r->steps[i];
        size_t left = 0;
        for (size_t k = i; k < r->nsteps; k++)
            left += r->steps[k].state == FIX_PLANNED;
        if (s->state == FIX_PLANNED && clashes(r, s)) {
            s->state = FIX_LEFT;
            s->why = "it touches the same lines as a fix that is kept: run fettle fix again after taking that one";
        } else if (s->state == FIX_PLANNED) {
            prove_step(l, s, left);
        }
    }
    if (!rc && !stopped(l))
        rc = run_tests(l, err);
    if (!rc && !stopped(l))
        rc = prove_together(l, err);
    prover_close(l->prover);
    l->prover = NULL;
    return rc;
}

int fix_run(const struct app *app, const struct flows *flows, const struct findings *fs, const struct workload *load,
            const struct schema *schema, const struct fix_opts *opts, struct arena *arena, struct fix_result **ret,
            struct err *err)
{
    struct loop l = { app, flows, load, schema, opts, arena, arena_new_one(arena, struct fix_result), { "" }, now_ns(), NULL, 0 };
    struct delivery d = { .why_patch = NULL };
    int rc = l.result ? plan_all(&l, fs, err) : RC_NOMEM;
    if (!rc && !opts->dry_run)
        rc = workdir_make("fix", &l.work, err);
    if (!rc && !opts->dry_run)
        rc = try_all(&l, err);
    struct fix_step *kept[KEPT_MAX];
    size_t n = rc || opts->dry_run || stopped(&l) ? 0 : kept_steps(l.result, kept, KEPT_MAX);
    if (n) {
        rc = deliver(app, kept, n, l.work.path, arena, &d, err);
        l.result->branch = d.branch[0] ? arena_strdup(arena, d.branch) : NULL;
        l.result->take = arena_strdup(arena, d.take);
        l.result->why_patch = d.why_patch;
    }
    workdir_remove(&l.work);
    if (l.result)
        l.result->seconds = (double)(now_ns() - l.started_ns) / 1e9;
    *ret = l.result;
    /* Asked to stop while the branch was made: it is there, and said so. */
    return rc ? rc : stopped(&l) && !l.result->take ? err_set(err, RC_INTERRUPTED, NULL, "stopped; nothing of yours was changed") : RC_OK;
}
