/* Merging two builds, and giving one the times of another. Sums, maxima and samples by smallest key
 * do not care in which order builds come, so merging is associative; beyond a ceiling it is what
 * fitted first. */
#include "trace/fold.h"

#include <stdlib.h>

struct merging {
    struct workload_build *into;
    const struct workload_build *from;
    uint32_t *routes, *shapes; /* place in from -> place in into, WNONE: found no room */
};

static sym move(const struct merging *m, sym s)
{
    return s ? syms_intern(m->into->syms, syms_str(m->from->syms, s)) : 0;
}

/* The smaller text of two, so that the choice does not depend on the order. */
static void choose(const struct merging *m, sym *into, sym from)
{
    sym s = move(m, from);
    if (s && (!*into || strcmp(syms_cstr(m->into->syms, s), syms_cstr(m->into->syms, *into)) < 0))
        *into = s;
}

static bool merge_route(struct merging *m, uint32_t at)
{
    const struct froute *f = &m->from->routes.p[at];
    uint32_t to = m->routes[at] = fold_route(m->into, move(m, f->name), f->type);
    if (to == WNONE)
        return m->into->routes.n >= FOLD_ROUTES;
    struct froute *r = &m->into->routes.p[to];
    choose(m, &r->action, f->action);
    choose(m, &r->side_effect, f->side_effect);
    r->traces += f->traces;
    r->errors += f->errors;
    r->ns_sum += f->ns_sum;
    r->peak_kb = f->peak_kb > r->peak_kb ? f->peak_kb : r->peak_kb;
    bool ok = true;
    for (size_t i = 0; ok && i < f->samples.n; i++)
        ok = fold_sample(&r->samples, &f->samples.p[i]);
    for (size_t i = 0; ok && i < f->timed.n; i++)
        ok = fold_sample(&r->timed, &f->timed.p[i]);
    return ok && fold_kept_add(m->into, &r->kept, m->from, &f->kept);
}

static bool merge_shape(struct merging *m, uint32_t at)
{
    const struct fshape *f = &m->from->shapes.p[at];
    bool fresh = !map64_get(m->into->shape_of, f->fingerprint, NULL);
    uint32_t to = m->shapes[at] = fold_shape(m->into, f->fingerprint, move(m, f->text));
    if (to == WNONE) {
        m->into->shapes_dropped += f->calls;
        return m->into->shapes.n >= LIMIT_SHAPES;
    }
    struct fshape *s = &m->into->shapes.p[to];
    if (fresh) {
        s->kind = f->kind;
        s->table = move(m, f->table);
        for (unsigned i = 0; i < FOLD_TABLES; i++)
            s->tables[i] = move(m, f->tables[i]);
    }
    choose(m, &s->model, f->model);
    s->write |= f->write;
    s->calls += f->calls;
    s->traces += f->traces;
    s->ns += f->ns;
    s->rows += f->rows;
    s->duplicates = f->duplicates > s->duplicates ? f->duplicates : s->duplicates;
    sym example = move(m, f->example);
    if (example)
        fold_example(m->into, s, example, f->slowest_ns, f->values.n ? move(m, f->values.p[0]) : 0);
    for (size_t i = 1; example && example == s->example && i < f->values.n; i++)
        fold_example(m->into, s, example, 0, move(m, f->values.p[i]));
    return true;
}

static bool merge_caller(struct merging *m, const struct fcaller *f)
{
    struct fcaller key = { .route = m->routes[f->route],
                           .shape = m->shapes[f->shape],
                           .line = f->line,
                           .file = move(m, f->file),
                           .relation = move(m, f->relation) };
    if (key.route == WNONE || key.shape == WNONE)
        return true;
    uint32_t to = fold_caller(m->into, &key);
    if (to == WNONE)
        return m->into->callers.n >= FOLD_CALLERS;
    struct fcaller *c = &m->into->callers.p[to];
    choose(m, &c->fn, f->fn);
    choose(m, &c->view, f->view);
    choose(m, &c->component, f->component);
    c->min = c->traces && c->min < f->min ? c->min : f->min;
    c->max = c->max > f->max ? c->max : f->max;
    c->duplicates = c->duplicates > f->duplicates ? c->duplicates : f->duplicates;
    c->calls += f->calls;
    c->traces += f->traces;
    c->ns += f->ns;
    c->rows += f->rows;
    c->in_tx |= f->in_tx;
    for (unsigned i = 0; i < f->nparents; i++) {
        struct fparent p = f->parents[i];
        p.shape = m->shapes[p.shape];
        p.file = move(m, p.file);
        if (p.shape != WNONE)
            fold_vote(c, &p);
    }
    bool ok = true;
    for (size_t i = 0; ok && i < f->counts.n; i++)
        ok = fold_count(c, f->counts.p[i]);
    for (size_t i = 0; ok && i < f->distinct.n; i++)
        ok = fold_distinct(m->into, to, f->distinct.p[i]);
    return ok;
}

static bool merge_call(struct merging *m, const struct fcall *f)
{
    struct fcall key = { .route = m->routes[f->route],
                         .kind = f->kind,
                         .line = f->line,
                         .a_key = f->a_key,
                         .name = move(m, f->name),
                         .file = move(m, f->file) };
    if (key.route == WNONE)
        return true;
    uint32_t to = fold_call(m->into, &key);
    if (to == WNONE)
        return m->into->calls.n >= FOLD_CALLS;
    struct fcall *c = &m->into->calls.p[to];
    choose(m, &c->fn, f->fn);
    choose(m, &c->view, f->view);
    choose(m, &c->component, f->component);
    c->calls += f->calls;
    c->traces += f->traces;
    c->a_sum += f->a_sum;
    c->b_sum += f->b_sum;
    c->a_max = c->a_max > f->a_max ? c->a_max : f->a_max;
    c->b_max = c->b_max > f->b_max ? c->b_max : f->b_max;
    c->max = c->max > f->max ? c->max : f->max;
    c->ns += f->ns;
    c->self_ns += f->self_ns;
    c->tx_ns += f->tx_ns;
    c->in_tx |= f->in_tx;
    return true;
}

static int no_memory(struct err *err)
{
    return err_set(err, RC_NOMEM, NULL, "no memory to merge two workloads");
}

int workload_merge(struct workload_build *into, const struct workload_build *from, struct err *err)
{
    struct merging m = { into, from, fault_malloc((from->routes.n + 1) * sizeof(uint32_t)),
                         fault_malloc((from->shapes.n + 1) * sizeof(uint32_t)) };
    bool ok = m.routes && m.shapes;
    into->epoch++; /* marks of the last trace mean nothing any more */
    for (uint32_t i = 0; ok && i < from->routes.n; i++)
        ok = merge_route(&m, i);
    for (uint32_t i = 0; ok && i < from->shapes.n; i++)
        ok = merge_shape(&m, i);
    for (uint32_t i = 0; ok && i < from->callers.n; i++)
        ok = merge_caller(&m, &from->callers.p[i]);
    for (uint32_t i = 0; ok && i < from->calls.n; i++)
        ok = merge_call(&m, &from->calls.p[i]);
    into->traces += from->traces;
    into->lost_traces += from->lost_traces;
    into->lost_spans += from->lost_spans;
    into->shapes_dropped += from->shapes_dropped;
    free(m.routes);
    free(m.shapes);
    return ok ? 0 : no_memory(err);
}

/* --- times --- */

struct timing { /* what one statement from one place took, over all relations */
    double ns;
    uint64_t calls;
};
struct timings {
    struct timing_vec VEC(struct timing) list;
    struct map64 *by_place, *by_shape;
};

static uint64_t place_key(const struct workload_build *b, const struct fcaller *c, bool whole)
{
    const struct froute *r = &b->routes.p[c->route];
    uint64_t h = hash_mix(str_hash(syms_str(b->syms, r->name)), r->type);
    h = hash_mix(h, b->shapes.p[c->shape].fingerprint);
    return whole ? hash_mix(hash_mix(h, str_hash(syms_str(b->syms, c->file))), c->line) : h;
}

static bool add_timing(struct timings *t, struct map64 *map, uint64_t key, const struct fcaller *c)
{
    uint64_t at;
    if (!map64_get(map, key, &at)) {
        at = t->list.n;
        if (!vec_push(&t->list, ((struct timing){ 0 })) || !map64_put(map, key, at))
            return false;
    }
    t->list.p[at].ns += c->ns;
    t->list.p[at].calls += c->calls;
    return true;
}

static bool gather(struct timings *t, const struct workload_build *times)
{
    for (size_t i = 0; i < times->callers.n; i++) {
        const struct fcaller *c = &times->callers.p[i];
        if (!add_timing(t, t->by_place, place_key(times, c, true), c) ||
            !add_timing(t, t->by_shape, place_key(times, c, false), c))
            return false;
    }
    return true;
}

/* The caller's calls at the speed that was measured elsewhere; its shape's sum moves along. */
static void retime(struct workload_build *b, const struct timings *t, struct fcaller *c)
{
    uint64_t at;
    if (!map64_get(t->by_place, place_key(b, c, true), &at) &&
        !map64_get(t->by_shape, place_key(b, c, false), &at))
        return;
    const struct timing *known = &t->list.p[at];
    double ns = known->ns / (double)known->calls * (double)c->calls;
    b->shapes.p[c->shape].ns += ns - c->ns;
    c->ns = ns;
}

static bool retime_route(struct workload_build *b, struct froute *r,
                         const struct workload_build *times)
{
    sym name = syms_find(times->syms, syms_str(b->syms, r->name));
    for (size_t i = 0; name && i < times->routes.n; i++) {
        const struct froute *f = &times->routes.p[i];
        if (f->name != name || f->type != r->type || !f->traces)
            continue;
        r->ns_sum = f->ns_sum / f->traces * r->traces;
        r->peak_kb = f->peak_kb;
        r->timed.n = 0;
        for (size_t k = 0; k < f->samples.n; k++)
            if (!fold_sample(&r->timed, &f->samples.p[k]))
                return false;
        if (f->kept.n) {
            fold_kept_release(&r->kept);
            if (!fold_kept_add(b, &r->kept, times, &f->kept))
                return false;
        }
    }
    return true;
}

int workload_times(struct workload_build *into, const struct workload_build *times, struct err *err)
{
    struct timings t = { .by_place = map64_new(), .by_shape = map64_new() };
    bool ok = t.by_place && t.by_shape && gather(&t, times);
    for (size_t i = 0; ok && i < into->callers.n; i++)
        retime(into, &t, &into->callers.p[i]);
    for (size_t i = 0; ok && i < into->routes.n; i++)
        ok = retime_route(into, &into->routes.p[i], times);
    map64_free(t.by_place);
    map64_free(t.by_shape);
    vec_release(&t.list);
    return ok ? 0 : no_memory(err);
}
