/* A proof as JSON: the `proof` object of docs/json.md. */
#include "prove/internal.h"

static const char *const metric_names[M_COUNT] = { "statements", "rows", "models", "bytes", "cache", "http", "peak_kb",
                                                   "cpu_ms", "latency_ms" };

static void verdict_json(struct json *j, const struct verdict *v)
{
    json_open(j, '{');
    json_key(j, "verdict"), json_str(j, verdict_name(v->kind));
    json_key(j, "pairs"), json_int(j, (long long)v->pairs);
    json_key(j, "effect"), json_num(j, v->effect);
    json_key(j, "lo"), json_num(j, v->interval.lo);
    json_key(j, "hi"), json_num(j, v->interval.hi);
    json_key(j, "p"), json_num(j, v->p);
    json_close(j, '}');
}

static void numbers_json(struct json *j, const char *key, const double *v, size_t n)
{
    json_key(j, key), json_open(j, '[');
    for (size_t i = 0; v && i < n; i++)
        json_num(j, v[i]);
    json_close(j, ']');
}

static void metrics_json(struct json *j, const char *key, const double v[M_COUNT])
{
    json_key(j, key), json_open(j, '{');
    for (unsigned m = 0; m < M_COUNT; m++)
        json_key(j, metric_names[m]), json_num(j, v[m]);
    json_close(j, '}');
}

static void route_json(struct json *j, const struct route_proof *r)
{
    json_open(j, '{');
    json_key(j, "route"), json_str(j, r->route);
    json_key(j, "url"), json_str(j, r->url);
    metrics_json(j, "a", r->a);
    metrics_json(j, "b", r->b);
    json_key(j, "counters_differ"), json_bool(j, r->counters_differ);
    json_key(j, "cpu"), verdict_json(j, &r->cpu);
    json_key(j, "latency"), verdict_json(j, &r->latency);
    json_key(j, "requests_a_window"), json_int(j, r->requests_a_window);
    numbers_json(j, "windows_a", r->windows_a, r->nwindows);
    numbers_json(j, "windows_b", r->windows_b, r->nwindows);
    json_key(j, "not_slower"), json_bool(j, r->not_slower);
    json_key(j, "why_not"), json_str(j, r->why_not);
    json_close(j, '}');
}

static void difference_json(struct json *j, const struct difference *d)
{
    json_open(j, '{');
    json_key(j, "route"), json_str(j, d->route);
    json_key(j, "as"), json_str(j, d->identity);
    json_key(j, "what"), json_str(j, d->what);
    json_key(j, "where"), json_str(j, d->where);
    json_key(j, "a"), json_str(j, d->a);
    json_key(j, "b"), json_str(j, d->b);
    json_close(j, '}');
}

static void coverage_json(struct json *j, const struct coverage *c)
{
    json_key(j, "coverage"), json_open(j, '{');
    json_key(j, "lines_edited"), json_int(j, c->lines_edited);
    json_key(j, "lines_run_a"), json_int(j, c->lines_run_a);
    json_key(j, "lines_run_b"), json_int(j, c->lines_run_b);
    json_key(j, "runs_of_edited_lines"), json_int(j, (long long)c->runs_of_edited_lines);
    json_key(j, "not_exercised"), json_str(j, c->not_exercised);
    json_key(j, "responses"), json_int(j, c->responses);
    json_key(j, "responses_equal"), json_int(j, c->responses_equal);
    json_key(j, "identities"), json_int(j, c->identities);
    json_key(j, "shapes"), json_int(j, c->shapes);
    json_close(j, '}');
}

void proof_json(const struct proof *p, struct json *j)
{
    json_open(j, '{');
    json_key(j, "verdict"), json_str(j, verdict_name(p->verdict));
    json_key(j, "invalid"), json_str(j, p->invalid);
    if (p->saved)
        json_key(j, "saved"), json_bool(j, true);
    else
        json_key(j, "same_behaviour"), json_bool(j, p->same_behaviour);
    json_key(j, "whole"), verdict_json(j, &p->whole);
    json_key(j, "aa"), verdict_json(j, &p->aa);
    json_key(j, "routes"), json_open(j, '[');
    for (size_t i = 0; i < p->nroutes; i++)
        route_json(j, &p->routes[i]);
    json_close(j, ']');
    json_key(j, "differences"), json_open(j, '[');
    for (size_t i = 0; i < p->ndifferences; i++)
        difference_json(j, &p->differences[i]);
    json_close(j, ']');
    json_key(j, "differences_total"), json_int(j, (long long)p->differences_total);
    coverage_json(j, &p->coverage);
    json_key(j, "masked_share"), json_num(j, p->masked_share);
    json_key(j, "cost_of_fix"), json_str(j, p->cost_of_fix);
    json_key(j, "seconds"), json_num(j, p->seconds);
    json_key(j, "stopped_because"), json_str(j, p->stopped_because);
    json_key(j, "alpha"), json_num(j, p->alpha);
    json_key(j, "margin"), json_num(j, p->margin);
    json_key(j, "seed"), json_int(j, (long long)p->seed);
    json_close(j, '}');
}
