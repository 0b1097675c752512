/* The order of a comparison: two instances, whom and what to ask, behaviour, times, verdict. */
#include "prove/internal.h"

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

static int start_side(struct proving *p, const struct side *side, struct running *ret, struct err *err)
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
    o.edits_dir = side->edits_dir;
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
    instance_stop(s->in);
    s->in = NULL;
}

static int run(struct proving *p, struct err *err)
{
    int rc = start_side(p, &p->o->a, &p->a, err);
    rc = rc ? rc : start_side(p, &p->o->b, &p->b, err);
    rc = rc ? rc : people_find(p, err);
    rc = rc ? rc : people_sign_in(p, &p->a, err);
    rc = rc ? rc : people_sign_in(p, &p->b, err);
    rc = rc ? rc : requests_find(p, err);
    if (!rc && !p->o->behaviour_only)
        rc = timing_run(p, err);
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
    p->rng = rng_new(o->seed ? o->seed : now);
    p->frozen_at = (long long)time(NULL);
    proof->alpha = p->alpha;
    proof->margin = p->margin;
    proof->seed = o->seed ? o->seed : now;
    int rc = run(p, err);
    stop_side(&p->a);
    stop_side(&p->b);
    proof->seconds = (double)(now_ns() - now) / 1e9;
    if (!rc)
        *ret = proof;
    return rc;
}
