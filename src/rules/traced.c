/* Rules that the trace alone decides: the same statement with the same values twice, and work that every page repeats. */
#include "rules/emit.h"
#include "rules/families.h"
#include "rules/nplusone.h"

#include <math.h>

/* --- duplicate-query --- */

/* Another place of the application had the same answer in most requests. */
static bool is_echo(const struct wcaller *c)
{
    return c->duplicates_in_trace < 2 && c->echo_file && 2 * c->echoes > c->traces;
}

/* Eager loads of two lists may ask for the same keys by chance, and what costs next to nothing may be asked twice. */
static bool is_worth_saying(const struct rule_in *in, const struct wcaller *c)
{
    double ms = c->traces ? c->ms / (double)c->traces : 0, page = in->load->routes[c->route].ms_median;
    return !strstr(in->load->shapes[c->shape].sql, " in (") &&
           (ms >= in->th->min_ms || (page > 0 && ms / page >= in->th->min_share));
}

static bool is_duplicate(const struct rule_in *in, const struct wcaller *c)
{
    const struct wshape *shape = &in->load->shapes[c->shape];
    bool again = c->duplicates_in_trace >= 2 || (is_echo(c) && is_worth_saying(in, c));
    return c->file && !shape->write && again && !nplusone_covers(in, c) && shape->table;
}

/* Statements a request that need not be asked. */
static double again(const struct wcaller *c)
{
    return is_echo(c) ? (double)c->echoes / (double)c->traces : c->duplicates_in_trace - 1.0;
}

/* What one chain asks for twice: its rows, and with them what it loads eagerly. */
struct twice {
    const struct wcaller *dearest;
    double ms;
    uint32_t statements;
};

static double wasted_ms(const struct wcaller *c)
{
    return c->calls ? c->ms / (double)c->calls * again(c) : 0;
}

static bool same_chain(const struct rule_in *in, const struct wcaller *a, const struct wcaller *b)
{
    return !strcmp(a->file, b->file) &&
           (a->line == b->line || head_line(in->app, a->file, a->line) == head_line(in->app, b->file, b->line));
}

static struct twice twice_on_route(const struct rule_in *in, const struct wcaller *const *dup, uint32_t n,
                                   const struct wcaller *first, uint32_t route)
{
    struct twice t = { 0 };
    for (uint32_t i = 0; i < n; i++) {
        if (dup[i]->route != route || !same_chain(in, dup[i], first))
            continue;
        t.ms += wasted_ms(dup[i]);
        t.statements++;
        if (!t.dearest || wasted_ms(dup[i]) > wasted_ms(t.dearest))
            t.dearest = dup[i];
    }
    return t;
}

static int emit_duplicate(const struct rule_in *in, const struct twice *t, struct arena *arena, struct findings *out,
                          struct err *err)
{
    const struct wcaller *c = t->dearest;
    const struct wshape *shape = &in->load->shapes[c->shape];
    struct draft d = draft_new(in, "duplicate-query", arena);
    d.f.at = (struct place){ c->file, head_line(in->app, c->file, c->line), 0, ROLE_HERE, NULL };
    d.f.symbol = symbol_at(in->app, c->file, c->line, arena);
    d.f.subject = shape->table;
    d.f.confidence = CONF_HIGH;
    d.f.statement = shape->sql;
    d.f.key = hash_mix(shape->fingerprint, c->line);
    draft_cost(&d, c->route, t->ms, again(c) * t->statements, TIME_SQL);
    draft_number(&d, "the same statement with the same values, a request", again(c) + 1, "times", SRC_TRACE);
    if (t->statements > 1)
        draft_number(&d, "statements of this place that run again", t->statements, "statements", SRC_TRACE);
    draft_number(&d, "time of all that is asked again", t->ms, "ms", SRC_TRACE);
    if (is_echo(c)) {
        draft_related_line(&d, c->echo_file, c->echo_line, ROLE_QUERY, "reads them first");
        d.f.message = draft_text(&d, "%s are read that %s:%u has read in the same request", words_of(shape->table, arena),
                                 c->echo_file, c->echo_line);
    } else {
        d.f.message = draft_text(&d, "the same rows of %s are read %u times in one request", words_of(shape->table, arena),
                                 c->duplicates_in_trace);
    }
    d.f.advice = "keep the first answer: once(fn () => …), or a property of the object that asks";
    d.f.why = "Nothing is written between them, so every answer after the first one is known already.";
    return draft_emit(&d, out, err);
}

/* Each chain speaks once, on the page where it wastes most. */
static int duplicates_of(const struct rule_in *in, const struct wcaller *const *dup, uint32_t n, uint32_t index,
                         struct arena *arena, struct findings *out, struct err *err)
{
    struct twice worst = { 0 };
    for (uint32_t i = 0; i < n; i++) {
        if (!same_chain(in, dup[i], dup[index]))
            continue;
        if (i < index)
            return RC_OK;
        struct twice t = twice_on_route(in, dup, n, dup[index], dup[i]->route);
        if (!worst.dearest || t.ms > worst.ms)
            worst = t;
    }
    return emit_duplicate(in, &worst, arena, out, err);
}

enum { DUPLICATES_MOST = 400 };

int rule_duplicate(const struct rule_in *in, struct findings *out, struct err *err)
{
    auto_arena *arena = arena_new((size_t)16 << 20);
    const struct wcaller **dup = arena ? arena_new_array(arena, const struct wcaller *, DUPLICATES_MOST) : NULL;
    int rc = dup ? RC_OK : err_set(err, RC_NOMEM, NULL, "no memory for the rules");
    uint32_t n = 0;
    for (uint32_t i = 0; !rc && i < in->load->ncallers && n < DUPLICATES_MOST; i++)
        if (is_duplicate(in, &in->load->callers[i]))
            dup[n++] = &in->load->callers[i];
    for (uint32_t i = 0; !rc && i < n; i++)
        rc = duplicates_of(in, dup, n, i, arena, out, err);
    return rc;
}

/* --- every-request-work --- */

enum { ROUTES_LEAST = 4, SHARE_OF_ROUTES_PCT = 80 };

static uint32_t page_routes(const struct workload *load)
{
    uint32_t n = 0;
    for (uint32_t i = 0; i < load->nroutes; i++)
        n += load->routes[i].type == FW_HTTP && load->routes[i].traces > load->routes[i].errors;
    return n;
}

struct everywhere {
    const struct wcaller *dearest;
    uint32_t routes;
    double ms_sum, ms_max;
};

static struct everywhere spread_of(const struct rule_in *in, const struct wcaller *first)
{
    struct everywhere e = { 0 };
    for (uint32_t i = 0; i < in->load->ncallers; i++) {
        const struct wcaller *c = &in->load->callers[i];
        if (!c->file || c->line != first->line || strcmp(c->file, first->file) || c->shape != first->shape || !c->traces ||
            in->load->routes[c->route].type != FW_HTTP)
            continue;
        double ms = c->ms / (double)c->traces;
        e.routes++;
        e.ms_sum += ms;
        if (!e.dearest || ms > e.ms_max) {
            e.dearest = c;
            e.ms_max = ms;
        }
    }
    return e;
}

/* Is this caller the first one of its place and shape? Each place speaks once. */
static bool is_first(const struct rule_in *in, uint32_t index)
{
    const struct wcaller *c = &in->load->callers[index];
    for (uint32_t i = 0; i < index; i++) {
        const struct wcaller *o = &in->load->callers[i];
        if (o->file && o->line == c->line && o->shape == c->shape && !strcmp(o->file, c->file))
            return false;
    }
    return true;
}

static int emit_everywhere(const struct rule_in *in, const struct everywhere *e, uint32_t pages, struct arena *arena,
                           struct findings *out, struct err *err)
{
    const struct wcaller *c = e->dearest;
    const struct wshape *shape = &in->load->shapes[c->shape];
    struct draft d = draft_new(in, "every-request-work", arena);
    double mean = e->ms_sum / e->routes;
    if (mean < in->th->min_ms && c->median_calls < in->th->repeats)
        return RC_OK;
    d.f.at = (struct place){ c->file, head_line(in->app, c->file, c->line), 0, ROLE_HERE, NULL };
    d.f.symbol = symbol_at(in->app, c->file, c->line, arena);
    d.f.subject = shape->table ? shape->table : shape->sql;
    d.f.confidence = CONF_HIGH;
    d.f.statement = shape->sql;
    draft_cost(&d, c->route, e->ms_max, c->median_calls, TIME_SQL);
    draft_number(&d, "pages that run it", e->routes, "pages", SRC_TRACE);
    draft_number(&d, "pages driven", pages, "pages", SRC_TRACE);
    draft_number(&d, "mean of all pages", mean, "ms a request", SRC_TRACE);
    d.f.message = draft_text(&d, "%u of %u pages ask %s the same thing", e->routes, pages,
                             shape->table ? words_of(shape->table, arena) : "the database");
    d.f.advice = "cache the answer, or ask only on the pages that show it";
    d.f.why = "It stands in a middleware, a provider, a layout or a composer, so the cost is paid by every page.";
    return draft_emit(&d, out, err);
}

int rule_every_request(const struct rule_in *in, struct findings *out, struct err *err)
{
    uint32_t pages = page_routes(in->load);
    if (pages < ROUTES_LEAST)
        return RC_OK;
    auto_arena *arena = arena_new((size_t)16 << 20);
    int rc = arena ? RC_OK : err_set(err, RC_NOMEM, NULL, "no memory for the rules");
    for (uint32_t i = 0; !rc && i < in->load->ncallers; i++) {
        const struct wcaller *c = &in->load->callers[i];
        /* a statement without a table belongs to connecting: "use app", "set names" */
        if (!c->file || in->load->routes[c->route].type != FW_HTTP || !in->load->shapes[c->shape].table || !is_first(in, i))
            continue;
        struct everywhere e = spread_of(in, c);
        if (e.routes * 100 >= pages * SHARE_OF_ROUTES_PCT)
            rc = emit_everywhere(in, &e, pages, arena, out, err);
    }
    return rc;
}
