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

/* The lines of B that an edit touches: where its bytes begin, for as many lines as it inserts. */
static size_t edited_lines(struct loop *l, const struct edit_set *set, struct line_range *ret, size_t max)
{
    size_t n = 0;
    for (size_t i = 0; i < set->n && n < max; i++) {
        const struct edit *e = &set->edits[i];
        uint32_t inserted = 0, file;
        for (uint32_t k = 0; k < e->ins.n; k++)
            inserted += e->ins.p[k] == '\n';
        if (!e->base_hash || !str_ends(str_c(e->file), ".php"))
            continue; /* a migration is run, not visited */
        for (file = 0; file < l->app->nfiles && strcmp(l->app->files[file].path, e->file); file++)
            ;
        if (file == l->app->nfiles)
            continue;
        uint32_t line = facts_line(l->app->files[file].facts, e->off);
        ret[n++] = (struct line_range){ e->file, line, line + inserted };
    }
    return n;
}

static const char *route_pattern(struct loop *l, const struct finding *f)
{
    const char *path = f->route ? strchr(f->route, '/') : NULL;
    return path && strncmp(f->route, "livewire ", 9) ? arena_strdup(l->arena, path) : NULL;
}

static int prove_sets(struct loop *l, const struct edit_set *const *sets, size_t n, const char *const *routes, uint64_t budget,
                      struct proof **ret, struct err *err)
{
    struct line_range lines[64];
    struct prove_opts o = l->opts->prove;
    char folder[PATH_MAX + 32];
    static unsigned number;
    snprintf(folder, sizeof folder, "%s/side.%u", l->work.path, number++);
    int rc = dir_make(folder, err);
    rc = rc ? rc : edits_to_folder(l->app, sets, n, folder, err);
    if (rc)
        return rc;
    o.a = (struct side){ "before", l->app->dir, NULL };
    o.b = (struct side){ "after", l->app->dir, folder };
    o.routes = routes;
    o.edited = lines;
    for (size_t i = 0; i < n; i++)
        o.nedited += edited_lines(l, sets[i], lines + o.nedited, 64 - o.nedited);
    o.budget_ns = budget;
    o.stop = l->opts->stop;
    o.progress = l->opts->progress;
    o.progress_ctx = l->opts->progress_ctx;
    return prove(l->app, &o, l->arena, ret, err);
}

static double statements(const struct proof *p, bool b)
{
    double sum = 0;
    for (size_t i = 0; i < p->nroutes; i++)
        sum += b ? p->routes[i].b[M_STATEMENTS] + p->routes[i].b[M_MODELS] / 1000 :
                   p->routes[i].a[M_STATEMENTS] + p->routes[i].a[M_MODELS] / 1000;
    return sum;
}

static const char *figures(struct loop *l, const struct proof *p)
{
    const struct coverage *c = &p->coverage;
    return arena_printf(l->arena, "CPU %+.1f %% (%+.1f to %+.1f), %u of %u responses equal, %u identities, %u shapes%s%s",
                        p->whole.effect * 100, p->whole.interval.lo * 100, p->whole.interval.hi * 100, c->responses_equal,
                        c->responses, c->identities, c->shapes, c->not_exercised ? ", not exercised: " : "",
                        c->not_exercised ? c->not_exercised : "");
}

/* Keeps what is faster, or does less by the noiseless counters and is not slower; the first reason against it wins. */
static void decide(struct loop *l, struct fix_step *s)
{
    const struct proof *p = s->proof;
    s->state = FIX_DROPPED;
    if (p->invalid)
        s->why = p->invalid;
    else if (!p->same_behaviour)
        s->why = arena_printf(l->arena, "behaviour differs: %s %s %s", p->ndifferences ? p->differences[0].route : "",
                              p->ndifferences ? p->differences[0].what : "", p->ndifferences ? p->differences[0].where : "");
    else if (p->coverage.not_exercised)
        s->why = arena_printf(l->arena, "an edited line never ran: %s", p->coverage.not_exercised);
    else if (p->cost_of_fix)
        s->why = p->cost_of_fix;
    else if (p->verdict == VERDICT_SLOWER)
        s->why = "it is slower";
    else if (p->verdict != VERDICT_FASTER && statements(p, true) >= statements(p, false))
        s->why = p->verdict == VERDICT_SAME ? "it makes no difference" : "undecided when the budget ended";
    else {
        s->state = FIX_KEPT;
        s->why = figures(l, p);
    }
}

static void prove_step(struct loop *l, struct fix_step *s, size_t left)
{
    struct err err = { 0 };
    const char *pattern = route_pattern(l, s->finding);
    const char *routes[] = { pattern, NULL };
    const struct edit_set *set = &s->plan.set;
    uint64_t budget = time_left(l) / (left + 1);
    if (budget < 5000000000u) {
        s->state = FIX_LEFT;
        s->why = "the budget ended before it was tried";
        return;
    }
    say(l, "%s:%u  %s", s->finding->at.file, s->finding->at.line, s->plan.set.summary);
    if (prove_sets(l, &set, 1, pattern ? routes : NULL, budget, &s->proof, &err)) {
        s->state = FIX_DROPPED;
        s->why = arena_strdup(l->arena, err.what);
        return;
    }
    decide(l, s);
    if (s->state == FIX_KEPT && l->opts->interactive && l->opts->ask && !l->opts->ask(l->opts->ask_ctx, s)) {
        s->state = FIX_LEFT;
        s->why = "you said no";
    }
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

/* All kept ones together; the last one goes until the rest holds. */
static int prove_together(struct loop *l, struct err *err)
{
    struct fix_step *kept[KEPT_MAX];
    size_t n = kept_steps(l->result, kept, KEPT_MAX);
    while (n > 1 && !stopped(l)) {
        const struct edit_set *sets[KEPT_MAX];
        for (size_t i = 0; i < n; i++)
            sets[i] = &kept[i]->plan.set;
        say(l, "all %zu kept fixes together", n);
        uint64_t budget = time_left(l);
        int rc = prove_sets(l, sets, n, NULL, budget > 20000000000u ? budget : 20000000000u, &l->result->whole, err);
        if (rc)
            return rc;
        if (l->result->whole->same_behaviour && l->result->whole->verdict != VERDICT_SLOWER)
            return RC_OK;
        kept[n - 1]->state = FIX_DROPPED;
        kept[n - 1]->why = "it does not hold together with the fixes before it";
        n--;
    }
    if (n == 1)
        l->result->whole = kept[0]->proof;
    return RC_OK;
}

/* The app's own tests: twice before, so that flaky ones are known, once with everything that is kept. */
static int run_tests(struct loop *l, struct err *err)
{
    struct fix_step *kept[KEPT_MAX];
    size_t n = kept_steps(l->result, kept, KEPT_MAX);
    const struct edit_set *sets[KEPT_MAX];
    char folder[PATH_MAX + 32];
    struct suite_verdict v;
    if (!n)
        return RC_OK;
    snprintf(folder, sizeof folder, "%s/tests", l->work.path);
    for (size_t i = 0; i < n; i++)
        sets[i] = &kept[i]->plan.set;
    int rc = dir_make(folder, err);
    rc = rc ? rc : edits_to_folder(l->app, sets, n, folder, err);
    say(l, "the app's own tests, twice before and once after");
    rc = rc ? rc : suite_compare(l->app, l->opts, folder, l->started_ns + l->opts->budget_ns, l->arena, &v, err);
    if (rc)
        return rc;
    l->result->tests = v.text;
    for (size_t i = 0; v.broken && i < n; i++) {
        kept[i]->state = FIX_DROPPED;
        kept[i]->why = arena_printf(l->arena, "a test that passed before fails: %s", v.broken);
    }
    return RC_OK;
}

int fix_run(const struct app *app, const struct flows *flows, const struct findings *fs, const struct workload *load,
            const struct schema *schema, const struct fix_opts *opts, struct arena *arena, struct fix_result **ret,
            struct err *err)
{
    struct loop l = { app, flows, load, schema, opts, arena, arena_new_one(arena, struct fix_result), { "" }, now_ns() };
    struct delivery d = { .why_patch = NULL };
    int rc = l.result ? plan_all(&l, fs, err) : RC_NOMEM;
    if (!rc && !opts->dry_run)
        rc = workdir_make("fix", &l.work, err);
    for (size_t i = 0; !rc && !opts->dry_run && !stopped(&l) && i < l.result->nsteps; i++) {
        struct fix_step *s = &l.result->steps[i];
        if (s->state == FIX_PLANNED && clashes(l.result, s)) {
            s->state = FIX_LEFT;
            s->why = "it touches the same lines as a fix that is kept: run fettle fix again after taking that one";
        } else if (s->state == FIX_PLANNED) {
            prove_step(&l, s, l.result->nsteps - i);
        }
    }
    if (!rc && !opts->dry_run && !stopped(&l))
        rc = prove_together(&l, err);
    if (!rc && !opts->dry_run && !stopped(&l))
        rc = run_tests(&l, err);
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
