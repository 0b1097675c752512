/* The order of a comparison: two instances, whom and what to ask, behaviour, times, verdict. */
#include "prove/behaviour.h"
#include "prove/cover.h"
#include "prove/requests.h"

#include <stdarg.h>
#include <string.h>

static const uint64_t BUDGET_NS = 120000000000u;

void prove_say(struct proving *p, const char *fmt, ...)
{
    char line[400];
    va_list ap;
    if (!p->o->progress)
        return;
    va_start(ap, fmt);
    vsnprintf(line, sizeof line, fmt, ap);
    va_end(ap);
    p->o->progress(p->o->progress_ctx, line);
}

bool prove_stopped(const struct proving *p)
{
    return p->o->stop && *p->o->stop;
}

double prove_left_s(const struct proving *p)
{
    uint64_t now = now_ns();
    return now < p->end_ns ? (double)(p->end_ns - now) / 1e9 : 0;
}

enum { ENV_MAX = 64 };

static int start_side(struct proving *p, const struct side *side, const char *edits_dir, struct running *ret, struct err *err)
{
    struct instance_opts o = p->o->instance ? *p->o->instance : (struct instance_opts){ 0 };
    const char *env[ENV_MAX + 2];
    size_t n = 0;
    for (size_t i = 0; o.env && o.env[i] && n < ENV_MAX; i++)
        env[n++] = o.env[i];
    env[n++] = arena_printf(p->arena, "FETTLE_FREEZE=%lld", p->frozen_at); /* one instant for both sides */
    env[n] = NULL;
    o.env = env;
    o.deep = true;
    o.freeze_clock = true;
    o.values = false;
    o.edits_dir = edits_dir;
    o.stop = p->o->stop;
    struct instance *in = NULL;
    prove_say(p, "start    %s", side->label);
    int rc = instance_start(p->app, &o, &in, err);
    if (!rc)
        running_init(ret, side->label, in, p->o, p->arena);
    return rc;
}

static void stop_side(struct running *s)
{
    for (unsigned i = 0; i < PEOPLE_MAX; i++)
        jar_clear(&s->jars[i]);
    state_end(s->state);
    instance_stop(s->in);
    *s = (struct running){ .in = NULL };
}

/* An index or a column that side B brings: its migrations run on B's copy, before anything is compared. */
static int migrate(struct proving *p, struct err *err)
{
    struct proc_result r = { 0 };
    if (!p->cover.migrates)
        return RC_OK;
    prove_say(p, "migrate  %s", p->b.label);
    int rc = instance_exec(p->b.in, (const char *const[]){ "artisan", "migrate", "--force", "--no-interaction", "--no-ansi", NULL }, 0, &r, err);
    if (!rc && r.status) {
        const struct buf *said = r.err.n ? &r.err : &r.out;
        rc = err_set(err, RC_STATE, NULL, "the migrations of %s fail: %.*s", p->b.label, (int)(said->n < 150 ? said->n : 150), said->p ? said->p : "");
    }
    proc_result_release(&r);
    return rc;
}

static bool is_edit(void *ctx, const char *path)
{
    const struct proving *p = ctx;
    size_t n = strlen(p->real_dir);
    return strncmp(path, p->real_dir, n) == 0 && path[n] == '/' && cover_has(p, path + n + 1);
}

/* An edited line ran in one request of a route: then in any of it, as far as we know. */
static void touch_routes(struct proving *p)
{
    for (size_t i = 0; i < p->nasks; i++)
        for (size_t k = 0; k < p->nasks && !p->asks[i].touched; k++)
            p->asks[i].touched = p->asks[k].touched && strcmp(p->asks[i].route, p->asks[k].route) == 0;
}

/* B is warmed: each route that will be compared once; or each route, where only that tells what an edit reaches. */
static int visit_b(struct proving *p, struct err *err)
{
    bool all = p->cover.unseen && !p->cover.reaches_all;
    int rc = RC_OK;
    for (size_t i = 0; i < p->nasks && !rc; i++) {
        struct ask *q = &p->asks[i];
        bool due = all || behaviour_wants(p, q), known = false;
        struct taken t;
        for (size_t k = 0; k < i && due && !known; k++)
            known = (all || behaviour_wants(p, &p->asks[k])) && strcmp(p->asks[k].route, q->route) == 0;
        if (!due || known)
            continue;
        if (prove_stopped(p))
            return err_set(err, RC_INTERRUPTED, NULL, "stopped");
        prove_say(p, "visit B  %s as %s", q->route, p->people[q->person].label);
        rc = take_once(p, &p->b, q, "visit", false, &t, err);
        if (!rc)
            taken_release(&t);
    }
    if (all)
        touch_routes(p);
    return rc;
}

/* Side B begins from A's baseline. */
static int adopt_state(struct proving *p, struct err *err)
{
    int rc = state_begin(&p->b.state, p->b.in, err);
    rc = rc ? rc : state_adopt(p->b.state, p->a.state, !p->cover.migrates, is_edit, p, err);
    if (rc)
        return rc;
    state_end(p->b.state);
    p->b.state = NULL;
    return state_begin(&p->b.state, p->b.in, err);
}

static int start_b(struct proving *p, struct err *err)
{
    int rc = start_side(p, &p->o->b, p->cover.dir[1], &p->b, err);
    rc = rc ? rc : migrate(p, err);
    rc = rc ? rc : people_ask(p, &p->b, err);
    rc = rc ? rc : people_sign_in(p, &p->b, err);
    return rc ? rc : adopt_state(p, err);
}

static int try_b(struct proving *p, struct err *err)
{
    int rc = cover_begin(p, err);
    rc = rc ? rc : start_b(p, err);
    rc = rc ? rc : visit_b(p, err);
    if (!rc && !p->o->timing_only)
        rc = behaviour_run(p, err);
    bool differs = p->proof->differences_total && p->o->stop_at_difference;
    if (!rc && !p->o->behaviour_only && !differs) {
        struct err ignored = { 0 };
        rc = cover_unmark(p, err);
        rc = rc ? rc : timing_run(p, err);
        int back = cover_mark_again(p, rc ? &ignored : err);
        rc = rc ? rc : back;
    }
    if (!rc)
        cover_conclude(p);
    return rc;
}

/* The routes that the edits reach, each once. */
static int name_touched(struct proving *p, struct err *err)
{
    const char **names = arena_new_array(p->arena, const char *, p->nasks + 1);
    size_t n = 0;
    if (!names)
        return err_set(err, RC_NOMEM, NULL, "no memory for the result");
    for (size_t i = 0; i < p->nasks; i++) {
        bool known = !p->asks[i].touched && !p->cover.reaches_all;
        for (size_t k = 0; k < n && !known; k++)
            known = strcmp(names[k], p->asks[i].route) == 0;
        if (!known)
            names[n++] = p->asks[i].route;
    }
    p->proof->touched = names;
    p->proof->ntouched = n;
    return RC_OK;
}

int prover_open(const struct app *app, const struct prove_opts *o, const struct side *all, size_t nall, struct arena *arena,
                struct prover **ret, struct err *err)
{
    struct prover *opened = arena_new_one(arena, struct prover);
    if (!opened)
        return err_set(err, RC_NOMEM, NULL, "no memory for a comparison");
    struct proving *p = &opened->p;
    uint64_t now = now_ns();
    char real[PATH_MAX];
    *p = (struct proving){ .app = app, .opts = *o, .arena = arena, .begin_ns = now,
                           .alpha = o->alpha > 0 ? o->alpha : 0.05, .margin = o->margin > 0 ? o->margin : 0.02 };
    p->o = &p->opts;
    p->end_ns = now + (o->budget_ns ? o->budget_ns : BUDGET_NS);
    timing_defaults(p);
    p->rng = rng_new(o->seed ? o->seed : now);
    p->frozen_at = (long long)time(NULL);
    p->real_dir = arena_strdup(arena, realpath(app->dir, real) ? real : app->dir);
    int rc = behaviour_open(p, err);
    rc = rc ? rc : workdir_make("sides", &p->work, err);
    rc = rc ? rc : cover_open(p, all, nall, err);
    rc = rc ? rc : start_side(p, &p->o->a, p->cover.dir[0], &p->a, err);
    rc = rc ? rc : people_find(p, err);
    rc = rc ? rc : people_sign_in(p, &p->a, err);
    rc = rc ? rc : state_begin(&p->a.state, p->a.in, err);
    rc = rc ? rc : requests_find(p, err);
    rc = rc ? rc : state_restore(p->a.state, err);
    if (rc)
        prover_close(opened);
    else
        *ret = opened;
    return rc;
}

int prover_try(struct prover *opened, const struct prove_opts *o, struct proof **ret, struct err *err)
{
    struct proving *p = &opened->p;
    struct proof *proof = arena_new_one(p->arena, struct proof);
    if (!proof)
        return err_set(err, RC_NOMEM, NULL, "no memory for a comparison");
    uint64_t now = now_ns();
    p->opts.b = o->b;
    p->opts.behaviour_only = o->behaviour_only;
    p->opts.timing_only = o->timing_only;
    p->opts.stop_at_difference = o->stop_at_difference;
    p->opts.candidate = o->candidate;
    p->opts.until_not_slower = o->until_not_slower;
    p->opts.first_route = o->first_route;
    p->proof = proof;
    if (p->tries++ || !o->budget_ns)
        p->begin_ns = now;
    if (o->budget_ns)
        p->end_ns = p->begin_ns + o->budget_ns;
    *proof = (struct proof){ .alpha = p->alpha, .margin = p->margin, .seed = p->o->seed, .stopped_because = "sure" };
    int rc = try_b(p, err);
    rc = rc ? rc : name_touched(p, err);
    stop_side(&p->b);
    if (p->cover.dir[1])
        dir_remove(p->cover.dir[1]);
    proof->seconds = (double)(now_ns() - now) / 1e9;
    if (!rc)
        *ret = proof;
    return rc;
}

void prover_close(struct prover *opened)
{
    if (!opened)
        return;
    struct proving *p = &opened->p;
    stop_side(&p->b);
    stop_side(&p->a);
    behaviour_close(p);
    workdir_remove(&p->work);
}

int prove(const struct app *app, const struct prove_opts *o, struct arena *arena, struct proof **ret, struct err *err)
{
    struct err own;
    err = err ? err : &own;
    struct prove_opts seeded = *o;
    struct prover *p = NULL;
    uint64_t begin = now_ns();
    seeded.seed = o->seed ? o->seed : begin;
    seeded.budget_ns = o->budget_ns ? o->budget_ns : BUDGET_NS;
    int rc = prover_open(app, &seeded, &o->b, 1, arena, &p, err);
    rc = rc ? rc : prover_try(p, &seeded, ret, err);
    if (!rc)
        (*ret)->seconds = (double)(now_ns() - begin) / 1e9;
    prover_close(p);
    return rc;
}
