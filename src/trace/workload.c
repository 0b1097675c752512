/* Closing: from the tables of a build to what rules read, in an order that does not
 * depend on the order in which traces came. */
#include "trace/fold.h"

#include <stdlib.h>

static int by_double(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static double quantile(double *v, size_t n, double q)
{
    if (!n)
        return 0;
    qsort(v, n, sizeof *v, by_double);
    double at = q * (double)(n - 1);
    size_t i = (size_t)at;
    return i + 1 < n ? v[i] + (at - (double)i) * (v[i + 1] - v[i]) : v[i];
}

static int by_time(const void *a, const void *b)
{
    const struct fsample *x = a, *y = b;
    return x->t_ns != y->t_ns ? (x->t_ns > y->t_ns) - (x->t_ns < y->t_ns)
                              : (x->key > y->key) - (x->key < y->key);
}

static const char *text_of(const struct workload_build *b, sym s)
{
    return s ? syms_cstr(b->syms, s) : NULL;
}

/* An order of a table: `item[i]` is the place in the build of what stands at i in the result; `at`
 * is its inverse. */
struct order {
    uint32_t *item, *at;
};

typedef int (*compare_fn)(const struct workload_build *, uint32_t, uint32_t);
struct sorting {
    const struct workload_build *b;
    compare_fn compare;
};

static int compare_items(const void *a, const void *b, void *ctx)
{
    const struct sorting *s = ctx;
    return s->compare(s->b, *(const uint32_t *)a, *(const uint32_t *)b);
}

static bool order_make(struct workload_build *b, size_t n, compare_fn compare, struct order *ret)
{
    ret->item = arena_new_array(b->result, uint32_t, n + 1);
    ret->at = arena_new_array(b->result, uint32_t, n + 1);
    if (!ret->item || !ret->at)
        return false;
    for (uint32_t i = 0; i < n; i++)
        ret->item[i] = i;
    struct sorting s = { b, compare };
    qsort_r(ret->item, n, sizeof *ret->item, compare_items, &s);
    for (uint32_t i = 0; i < n; i++)
        ret->at[ret->item[i]] = i;
    return true;
}

#define DIFFER(x, y) \
    if ((x) != (y))  \
    return (x) < (y) ? -1 : 1

static int compare_text(const struct workload_build *b, sym x, sym y)
{
    return x == y ? 0 : strcmp(syms_cstr(b->syms, x), syms_cstr(b->syms, y));
}

static int compare_routes(const struct workload_build *b, uint32_t i, uint32_t j)
{
    const struct froute *x = &b->routes.p[i], *y = &b->routes.p[j];
    DIFFER(x->type, y->type);
    return compare_text(b, x->name, y->name);
}

static int compare_shapes(const struct workload_build *b, uint32_t i, uint32_t j)
{
    DIFFER(b->shapes.p[i].fingerprint, b->shapes.p[j].fingerprint);
    return 0;
}

static int compare_callers(const struct workload_build *b, uint32_t i, uint32_t j)
{
    const struct fcaller *x = &b->callers.p[i], *y = &b->callers.p[j];
    int c = x->route == y->route ? 0 : compare_routes(b, x->route, y->route);
    c = c ? c : compare_text(b, x->file, y->file);
    if (c)
        return c;
    DIFFER(x->line, y->line);
    DIFFER(b->shapes.p[x->shape].fingerprint, b->shapes.p[y->shape].fingerprint);
    return compare_text(b, x->relation, y->relation);
}

static int compare_calls(const struct workload_build *b, uint32_t i, uint32_t j)
{
    const struct fcall *x = &b->calls.p[i], *y = &b->calls.p[j];
    int c = x->route == y->route ? 0 : compare_routes(b, x->route, y->route);
    if (c)
        return c;
    DIFFER(x->kind, y->kind);
    c = compare_text(b, x->file, y->file);
    if (c)
        return c;
    DIFFER(x->line, y->line);
    DIFFER(x->a_key, y->a_key);
    return compare_text(b, x->name, y->name);
}

static double median_of(const struct fsample_vec *v,
                        double (*get)(const struct fsample *, unsigned), unsigned k)
{
    double room[WSAMPLES];
    for (size_t i = 0; i < v->n; i++)
        room[i] = get(&v->p[i], k);
    return quantile(room, v->n, 0.5);
}

static double get_kind(const struct fsample *s, unsigned k)
{
    return (double)s->kind_ms[k];
}

enum field { F_CPU, F_STATEMENTS, F_ROWS, F_HYDRATED, F_LAZY, F_BYTES };

static double get_field(const struct fsample *s, unsigned k)
{
    const double v[] = { [F_CPU] = s->cpu_ms,        [F_STATEMENTS] = (double)s->statements,
                         [F_ROWS] = (double)s->rows, [F_HYDRATED] = (double)s->hydrated,
                         [F_LAZY] = (double)s->lazy, [F_BYTES] = s->bytes_out };
    return v[k];
}

/* Time by kind. Where times were measured with fewer kinds of spans than the structure, the
 * request's own time is split among the kinds that only the structure knows, as the structure
 * shows. */
static void close_kinds(const struct froute *r, double *out)
{
    double unknown = 0, known[FW_SPAN_KINDS];
    for (unsigned k = 0; k < FW_SPAN_KINDS; k++)
        out[k] = median_of(&r->samples, get_kind, k);
    if (!r->timed.n)
        return;
    for (unsigned k = 0; k < FW_SPAN_KINDS; k++) {
        known[k] = median_of(&r->timed, get_kind, k);
        if (!k || known[k] <= 0)
            unknown += out[k];
    }
    double own = known[0];
    for (unsigned k = 0; k < FW_SPAN_KINDS; k++)
        out[k] = k && known[k] > 0 ? known[k] : unknown > 0 ? own * out[k] / unknown : k ? 0 : own;
}

/* Each request's time, in the order in which they came. */
static bool close_samples(struct workload_build *b, const struct fsample_vec *v, struct wroute *out)
{
    double room[WSAMPLES];
    double *kept = arena_new_array(b->result, double, v->n + 1);
    struct fsample *in_order = v->n ? fault_malloc(v->n * sizeof *in_order) : NULL;
    if (!kept || (v->n && !in_order)) {
        free(in_order);
        return false;
    }
    if (v->n) {
        memcpy(in_order, v->p, v->n * sizeof *in_order);
        qsort(in_order, v->n, sizeof *in_order, by_time);
    }
    for (size_t i = 0; i < v->n; i++)
        room[i] = kept[i] = in_order[i].ms;
    free(in_order);
    out->samples_ms = kept;
    out->nsamples = (uint32_t)v->n;
    out->ms_median = quantile(room, v->n, 0.5);
    out->ms_p95 = quantile(room, v->n, 0.95);
    return true;
}

static bool close_route(struct workload_build *b, const struct froute *r, struct wroute *out)
{
    const struct fsample_vec *times = r->timed.n ? &r->timed : &r->samples;
    *out = (struct wroute){ .name = text_of(b, r->name),
                            .action = text_of(b, r->action),
                            .type = r->type,
                            .traces = r->traces,
                            .errors = r->errors,
                            .ms_sum = r->ns_sum / 1e6,
                            .peak_kb_max = r->peak_kb,
                            .has_side_effects = r->side_effect != 0,
                            .side_effect = text_of(b, r->side_effect),
                            .cpu_ms_median = median_of(times, get_field, F_CPU),
                            .statements_median = median_of(&r->samples, get_field, F_STATEMENTS),
                            .rows_median = median_of(&r->samples, get_field, F_ROWS),
                            .hydrated_median = median_of(&r->samples, get_field, F_HYDRATED),
                            .lazy_median = median_of(&r->samples, get_field, F_LAZY),
                            .bytes_out_median = median_of(&r->samples, get_field, F_BYTES) };
    close_kinds(r, out->kind_ms);
    return close_samples(b, times, out) &&
           fold_kept_close(b, &r->kept, out->ms_median, &out->trace);
}

static bool close_shape(struct workload_build *b, const struct fshape *s, struct wshape *out)
{
    *out = (struct wshape){ .sql = syms_cstr(b->syms, s->text),
                            .fingerprint = s->fingerprint,
                            .table = text_of(b, s->table),
                            .model = text_of(b, s->model),
                            .write = s->write,
                            .select = s->kind == STMT_SELECT,
                            .calls = s->calls,
                            .traces = s->traces,
                            .ms = s->ns / 1e6,
                            .rows = s->rows,
                            .example = text_of(b, s->example),
                            .nvalues = (uint16_t)s->values.n,
                            .duplicates_in_trace = s->duplicates };
    out->values = arena_new_array(b->result, const char *, s->values.n + 1);
    for (size_t i = 0; out->values && i < s->values.n; i++)
        out->values[i] = syms_cstr(b->syms, s->values.p[i]);
    return out->values != NULL;
}

static const struct fparent *elected(const struct workload_build *b, const struct fcaller *c)
{
    const struct fparent *best = NULL;
    for (unsigned i = 0; i < c->nparents; i++) {
        const struct fparent *p = &c->parents[i];
        if (!best || p->votes > best->votes ||
            (p->votes == best->votes &&
             b->shapes.p[p->shape].fingerprint < b->shapes.p[best->shape].fingerprint))
            best = p;
    }
    return best;
}

static void close_caller(struct workload_build *b, const struct fcaller *c,
                         const struct order *routes, const struct order *shapes,
                         struct wcaller *out)
{
    double room[WSAMPLES];
    const struct fparent *p = elected(b, c);
    for (size_t i = 0; i < c->counts.n; i++)
        room[i] = c->counts.p[i].calls;
    *out = (struct wcaller){ .route = routes->at[c->route],
                             .shape = shapes->at[c->shape],
                             .file = text_of(b, c->file),
                             .fn = text_of(b, c->fn),
                             .line = c->line,
                             .relation = text_of(b, c->relation),
                             .view = text_of(b, c->view),
                             .component = text_of(b, c->component),
                             .calls = c->calls,
                             .traces = c->traces,
                             .distinct_values = c->distinct.n,
                             .max_in_trace = c->max,
                             .min_in_trace = c->min,
                             .ms = c->ns / 1e6,
                             .rows = c->rows,
                             .median_calls = quantile(room, c->counts.n, 0.5),
                             .parent_shape = p ? shapes->at[p->shape] : WNONE,
                             .parent_rows = p ? p->rows / p->votes : 0,
                             .parent_file = p ? text_of(b, p->file) : NULL,
                             .parent_line = p ? p->line : 0,
                             .duplicates_in_trace = c->duplicates,
                             .echoes = c->echoes,
                             .echo_file = c->echoes ? text_of(b, b->callers.p[c->echo_of].file) : NULL,
                             .echo_line = c->echoes ? b->callers.p[c->echo_of].line : 0,
                             .in_tx = c->in_tx };
}

static void close_call(const struct workload_build *b, const struct fcall *c,
                       const struct order *routes, struct wcall *out)
{
    *out = (struct wcall){ .route = routes->at[c->route],
                           .kind = c->kind,
                           .name = syms_cstr(b->syms, c->name),
                           .file = text_of(b, c->file),
                           .fn = text_of(b, c->fn),
                           .line = c->line,
                           .view = text_of(b, c->view),
                           .component = text_of(b, c->component),
                           .calls = c->calls,
                           .traces = c->traces,
                           .max_in_trace = c->max,
                           .ms = c->ns / 1e6,
                           .self_ms = c->self_ns / 1e6,
                           .a_sum = c->a_sum,
                           .b_sum = c->b_sum,
                           .b_max = c->b_max,
                           .a_max = c->a_max,
                           .in_tx = c->in_tx,
                           .tx_ms = c->tx_ns / 1e6 };
}

const struct workload *workload_close(struct workload_build *b, struct err *err)
{
    struct order routes, shapes, callers, calls;
    arena_clear(b->result);
    bool ok = order_make(b, b->routes.n, compare_routes, &routes) &&
              order_make(b, b->shapes.n, compare_shapes, &shapes) &&
              order_make(b, b->callers.n, compare_callers, &callers) &&
              order_make(b, b->calls.n, compare_calls, &calls);
    struct wroute *wr = arena_new_array(b->result, struct wroute, b->routes.n + 1);
    struct wshape *ws = arena_new_array(b->result, struct wshape, b->shapes.n + 1);
    struct wcaller *wc = arena_new_array(b->result, struct wcaller, b->callers.n + 1);
    struct wcall *wo = arena_new_array(b->result, struct wcall, b->calls.n + 1);
    ok = ok && wr && ws && wc && wo;
    for (size_t i = 0; ok && i < b->routes.n; i++)
        ok = close_route(b, &b->routes.p[routes.item[i]], &wr[i]);
    for (size_t i = 0; ok && i < b->shapes.n; i++)
        ok = close_shape(b, &b->shapes.p[shapes.item[i]], &ws[i]);
    for (size_t i = 0; ok && i < b->callers.n; i++)
        close_caller(b, &b->callers.p[callers.item[i]], &routes, &shapes, &wc[i]);
    for (size_t i = 0; ok && i < b->calls.n; i++)
        close_call(b, &b->calls.p[calls.item[i]], &routes, &wo[i]);
    if (!ok) {
        err_set(err, RC_NOMEM, NULL, "no memory for the sums of %zu callers", b->callers.n);
        return NULL;
    }
    b->out = (struct workload){ .routes = wr,
                                .nroutes = (uint32_t)b->routes.n,
                                .shapes = ws,
                                .nshapes = (uint32_t)b->shapes.n,
                                .callers = wc,
                                .ncallers = (uint32_t)b->callers.n,
                                .calls = wo,
                                .ncalls = (uint32_t)b->calls.n,
                                .traces = b->traces,
                                .lost_traces = b->lost_traces,
                                .lost_spans = b->lost_spans,
                                .shapes_dropped = b->shapes_dropped };
    return &b->out;
}
