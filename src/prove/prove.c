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
    s->state = NULL;
    s->in = NULL;
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

/* Both from one baseline: A's. */
static int begin_states(struct proving *p, struct err *err)
{
    int rc = state_begin(&p->a.state, p->a.in, err);
    rc = rc ? rc : state_begin(&p->b.state, p->b.in, err);
    rc = rc ? rc : state_adopt(p->b.state, p->a.state, !p->cover.migrates, is_edit, p, err);
    if (rc)
        return rc;
    state_end(p->b.state);
    p->b.state = NULL;
    return state_begin(&p->b.state, p->b.in, err);
}

/* Every request once on B too: warm, and which of them its edited places run in. */
static int visit_b(struct proving *p, struct err *err)
{
    int rc = RC_OK;
    for (size_t i = 0; i < p->nasks && !rc; i++) {
        struct taken t;
        if (p->asks[i].touched || p->cover.reaches_all)
            continue;
        if (prove_stopped(p))
            return err_set(err, RC_INTERRUPTED, NULL, "stopped");
        prove_say(p, "visit B  %s as %s", p->asks[i].route, p->people[p->asks[i].person].label);
        rc = take_once(p, &p->b, &p->asks[i], "visit", false, &t, err);
        if (!rc)
            taken_release(&t);
    }
    return rc;
}

static int compare_times(struct proving *p, struct err *err)
{
    int rc = cover_unmark(p, err);
    return rc ? rc : timing_run(p, err);
}

static int run(struct proving *p, const char *workdir, struct err *err)
{
    int rc = cover_prepare(p, workdir, err);
    rc = rc ? rc : start_side(p, &p->o->a, p->cover.dir[0], &p->a, err);
    rc = rc ? rc : start_side(p, &p->o->b, p->cover.dir[1], &p->b, err);
    rc = rc ? rc : migrate(p, err);
    rc = rc ? rc : people_find(p, err);
    rc = rc ? rc : people_sign_in(p, &p->a, err);
    rc = rc ? rc : people_sign_in(p, &p->b, err);
    rc = rc ? rc : begin_states(p, err);
    rc = rc ? rc : requests_find(p, err);
    rc = rc ? rc : state_restore(p->a.state, err);
    rc = rc ? rc : visit_b(p, err);
    if (!rc && !p->o->timing_only)
        rc = behaviour_run(p, err);
    bool differs = p->proof->differences_total && p->o->stop_at_difference;
    if (!rc && !p->o->behaviour_only && !differs)
        rc = compare_times(p, err);
    if (!rc)
        cover_conclude(p);
    return rc;
}

int prove(const struct app *app, const struct prove_opts *o, struct arena *arena, struct proof **ret, struct err *err)
{
    struct err own;
    err = err ? err : &own;
    struct proving *p = arena_new_one(arena, struct proving);
    struct proof *proof = arena_new_one(arena, struct proof);
    if (!p || !proof)
        return err_set(err, RC_NOMEM, NULL, "no memory for a comparison");
    uint64_t now = now_ns();
    *p = (struct proving){ .app = app, .o = o, .arena = arena, .proof = proof, .begin_ns = now,
                           .alpha = o->alpha > 0 ? o->alpha : 0.05, .margin = o->margin > 0 ? o->margin : 0.02 };
    p->end_ns = now + (o->budget_ns ? o->budget_ns : BUDGET_NS);
    timing_defaults(p);
    p->rng = rng_new(o->seed ? o->seed : now);
    p->frozen_at = (long long)time(NULL);
    proof->alpha = p->alpha;
    proof->margin = p->margin;
    proof->seed = o->seed ? o->seed : now;
    char real[PATH_MAX];
    struct workdir work = { "" };
    p->real_dir = arena_strdup(arena, realpath(app->dir, real) ? real : app->dir);
    proof->stopped_because = "sure";
    int rc = workdir_make("sides", &work, err);
    rc = rc ? rc : run(p, work.path, err);
    stop_side(&p->a);
    stop_side(&p->b);
    workdir_remove(&work);
    proof->seconds = (double)(now_ns() - now) / 1e9;
    if (!rc)
        *ret = proof;
    return rc;
}
