/* The drive: sign in, structure pass, times, and what came of it, inside the budget. */
#include "instance/drive.h"

#include <math.h>
#include <stdlib.h>

enum { ARENA_BYTES = 512 << 20 };
static const uint64_t BUDGET_NS = 60000000000u, REQUEST_LIMIT_NS = 10000000000u;
static const double STRUCTURE_SHARE = 0.55; /* of what is left when driving begins */
enum { LOOK_PAGES = 6 };
static const double LOOK_SHARE = 0.15; /* of the structure pass: then the first findings are looked for */

static void progress(struct drive *d, const char *route, size_t done, size_t total)
{
    if (d->o.progress)
        d->o.progress(d->o.progress_ctx, route, (uint32_t)done, (uint32_t)total);
}

static int stop_asked(const struct drive *d, struct err *err)
{
    return d->o.stop && *d->o.stop ? err_set(err, RC_INTERRUPTED, NULL, "stopped") : RC_OK;
}

static bool has_ended(struct drive *d, const char *why)
{
    if (left_s(d) > 0)
        return false;
    d->result.stopped_early = true;
    d->result.stop_reason = why;
    return true;
}

/* What the first pages showed, to whom it may concern; once. */
static int look(struct drive *d, struct err *err)
{
    const struct workload *so_far;
    if (!d->o.look)
        return RC_OK;
    if (!(so_far = workload_close(d->structure, err)))
        return RC_NOMEM;
    d->o.look(d->o.progress_ctx, so_far);
    d->o.look = NULL;
    return RC_OK;
}

/* Visits every target once; those without a parameter yet come again when other pages gave links.
 * Targets that pages add (Livewire) stand at the end of the list and are reached by the same loop.
 */
static int structure_pass(struct drive *d, struct err *err)
{
    uint64_t begin = now_ns();
    double share = left_s(d) * STRUCTURE_SHARE;
    unsigned visited = 0;
    int rc = d->in->collector ? instance_tier(d->in, FW_DEEP, err) : RC_OK;
    for (int round = 0; round < 2 && !rc; round++)
        for (size_t i = 0; i < d->ntargets && !rc; i++) {
            struct target *t = d->targets[i];
            bool waits = !t->visited && t->kind == TARGET_ROUTE && !t->sure &&
                         strchr(t->uri, '{') && round == 0;
            if (t->visited || waits)
                continue;
            double spent = (double)(now_ns() - begin) / 1e9;
            double each = d->requests ? spent / d->requests : 0.05;
            bool hurry = spent + 2 * each * (double)(d->ntargets - i) > share;
            if (spent > share && i > 0) {
                d->result.stopped_early = true;
                d->result.stop_reason = "the budget ended before every route was visited";
                return RC_OK;
            }
            progress(d, t->name, i, d->ntargets * 2);
            rc = stop_asked(d, err);
            if (!rc)
                rc = visit_for_structure(d, t, hurry, err);
            if (!rc && ++visited >= LOOK_PAGES && spent > LOOK_SHARE * share)
                rc = look(d, err);
        }
    return rc;
}

static bool is_denied(const struct target *t)
{
    bool elsewhere = t->status >= 300 && t->status < 400;
    return t->visited && !t->ok && t->kind == TARGET_ROUTE && !t->guest && t->url &&
           (t->status == 403 || elsewhere);
}

/* The page once more as someone else; what it told the first one stays when that does not help. */
static int ask_again(struct drive *d, struct target *t, unsigned who, bool guest, struct err *err)
{
    const char *why = t->why_not, *next = t->next;
    int status = t->status, rc = stop_asked(d, err);
    t->who = who;
    t->guest = guest;
    if (!rc)
        rc = visit_for_structure(d, t, true, err);
    if (!t->ok)
        t->who = 0, t->guest = false, t->why_not = why, t->next = next, t->status = status;
    return rc;
}

/* Pages that turned the user away are asked again as another one, often the first user that the app
 * ever had; those that sent the user elsewhere, without anybody: they may be for guests. */
static int other_people(struct drive *d, struct err *err)
{
    size_t n = 0;
    for (size_t i = 0; i < d->ntargets; i++)
        n += is_denied(d->targets[i]);
    if (!n || !d->people[0].id || left_s(d) < 1)
        return RC_OK;
    struct err ignored = { 0 };
    int rc = d->people[1].id ? client_sign_in(d, 1, &ignored) : RC_NOTFOUND;
    bool another = rc == RC_OK;
    if (rc == RC_INTERRUPTED)
        return err_set(err, RC_INTERRUPTED, NULL, "stopped");
    rc = RC_OK;
    for (size_t i = 0; i < d->ntargets && !rc && left_s(d) > 1; i++) {
        struct target *t = d->targets[i];
        if (is_denied(t) && another)
            rc = ask_again(d, t, 1, false, err);
        if (!rc && is_denied(t) && t->status != 403)
            rc = ask_again(d, t, 0, true, err);
    }
    return rc;
}

static bool wants_times(const struct target *t)
{
    return t->visited && t->ok && !t->once && t->kind != TARGET_STEP;
}

/* Every page gets an equal slice of what is left; what one does not need goes to those after it. */
static int times_pass(struct drive *d, struct err *err)
{
    size_t left = 0, done = 0;
    int rc = d->in->collector ? instance_tier(d->in, FW_ALWAYS, err) : RC_OK;
    for (size_t i = 0; i < d->ntargets; i++)
        left += wants_times(d->targets[i]);
    size_t total = left;
    for (size_t i = 0; i < d->ntargets && !rc; i++) {
        struct target *t = d->targets[i];
        if (!wants_times(t))
            continue;
        if (has_ended(d, "the budget ended before every page was timed"))
            break;
        progress(d, t->name, total + done++, total * 2);
        rc = stop_asked(d, err);
        if (!rc)
            rc = visit_for_times(d, t, (uint64_t)(left_s(d) / (double)left * 1e9), err);
        left--;
    }
    return rc;
}

static void conclude(struct drive *d, const struct target *t, struct visit *v)
{
    bool sampled = t->nsamples > 0;
    bool single = t->ok && !sampled; /* seen in the structure pass only */
    const char *as = !t->ok                           ? NULL
                     : t->guest && d->people[0].id ? "a guest"
                     : t->who ? arena_printf(d->arena, "user %s", d->people[t->who].id)
                              : NULL;
    *v = (struct visit){ .as = as,
                         .route = t->traced_as ? t->traced_as : t->name,
                         .url = t->url ? t->url : "",
                         .status = t->status,
                         .samples = t->nsamples,
                         .measured = sampled || single,
                         .why_not = t->why_not,
                         .next = t->next,
                         .side_effects = t->side_effect != NULL,
                         .side_effect = t->side_effect,
                         .livewire = t->kind == TARGET_LIVEWIRE,
                         .median_ms = NAN,
                         .cpu_median_ms = NAN,
                         .rel_spread = NAN };
    if (sampled) {
        v->median_ms = median_of(t->samples_ms, t->nsamples);
        v->cpu_median_ms = median_of(t->samples_cpu_ms, t->nsamples);
        v->rel_spread = relative_spread(t->samples_ms, t->nsamples);
        v->why_not = v->next = NULL;
    } else if (single) {
        v->samples = 1;
        v->median_ms = t->first_ms;
        if (!t->once && t->kind != TARGET_STEP && !v->why_not) {
            v->why_not = "timed once: the budget ended";
            v->next = "give more time with --budget 5m, or name routes with --route";
        }
    } else if (!v->why_not) {
        v->why_not = "the budget ended";
        v->next = "give more time with --budget 5m, or name routes with --route";
    }
}

static int finish(struct drive *d, struct err *err)
{
    d->result.visits = arena_new_array(d->arena, struct visit, d->ntargets + 1);
    if (!d->result.visits)
        return err_set(err, RC_NOMEM, NULL, "no memory for the result");
    for (size_t i = 0; i < d->ntargets; i++)
        conclude(d, d->targets[i], &d->result.visits[d->result.nvisits++]);
    int rc = workload_times(d->structure, d->times, err);
    if (!rc && !(d->result.workload = workload_close(d->structure, err)))
        rc = RC_NOMEM;
    d->result.seconds = (double)(now_ns() - d->in->p->started_ns) / 1e9;
    return rc;
}

static struct drive *drive_new(struct instance *in, const struct drive_opts *o)
{
    struct drive *d = fault_calloc(1, sizeof *d);
    if (!d)
        return NULL;
    in->p->drive = d;
    d->in = in;
    d->o = *o;
    d->o.min_samples = o->min_samples ? o->min_samples : 5;
    d->o.max_samples = o->max_samples ? o->max_samples : 40;
    if (d->o.max_samples < d->o.min_samples)
        d->o.max_samples = d->o.min_samples;
    d->begin_ns = now_ns();
    d->end_ns = o->budget_ns ? d->begin_ns + o->budget_ns : in->p->started_ns + BUDGET_NS;
    d->limit_ns = o->request_limit_ns ? o->request_limit_ns : REQUEST_LIMIT_NS;
    d->arena = arena_new(ARENA_BYTES);
    d->links = syms_new();
    d->livewire = syms_new();
    d->structure = workload_new(in->p->app_dir);
    d->times = workload_new(in->p->app_dir);
    if (!d->arena || !d->links || !d->livewire || !d->structure || !d->times)
        return NULL;
    d->targets = arena_new_array(d->arena, struct target *, TARGETS_MAX);
    d->index_php = arena_printf(d->arena, "%s/public/index.php", in->p->app_dir);
    d->public_dir = arena_printf(d->arena, "%s/public", in->p->app_dir);
    return d->targets && d->index_php && d->public_dir ? d : NULL;
}

void drive_free(struct instance *in)
{
    struct drive *d = in->p->drive;
    if (!d)
        return;
    jar_clear(&d->people[0].jar);
    jar_clear(&d->people[1].jar);
    workload_free(d->structure);
    workload_free(d->times);
    syms_free(d->links);
    syms_free(d->livewire);
    arena_free(d->arena);
    free(d);
    in->p->drive = NULL;
}

int drive(struct instance *in, const struct drive_opts *o, struct drive_result **ret,
          struct err *err)
{
    struct err own;
    if (!err)
        err = &own;
    drive_free(in);
    struct drive *d = drive_new(in, o);
    if (!d)
        return err_set(err, RC_NOMEM, NULL, "no memory for a drive");
    int rc = client_choose(d, err);
    if (!rc)
        rc = client_sign_in(d, 0, err);
    if (!rc)
        rc = targets_read(d, err);
    if (rc)
        return rc;
    size_t open = 0;
    for (size_t i = 0; i < d->ntargets; i++)
        open += !d->targets[i]->visited;
    say(in, "as: %s", d->result.user_note);
    say(in, "routes: %zu to visit, most suspicious first, within %.0f s", open, left_s(d));
    rc = structure_pass(d, err);
    if (!rc)
        rc = other_people(d, err);
    if (!rc)
        rc = structure_pass(d, err); /* components of the pages that only the other one sees */
    if (!rc)
        rc = times_pass(d, err);
    if (!rc)
        rc = finish(d, err);
    if (!rc)
        *ret = &d->result;
    return rc;
}
