/* The tables of a build: find or add a route, shape, caller or call, and the bounded samples in
 * them. */
#include "trace/fold.h"

#include <stdlib.h>

static uint64_t key_of(const uint32_t *parts, size_t n)
{
    uint64_t h = n;
    for (size_t i = 0; i < n; i++)
        h = hash_mix(h, parts[i]);
    return h;
}

#define FIND_OR_ADD(b, map, vec, ceiling, key, fresh)  \
    uint64_t at_;                                      \
    if (map64_get((b)->map, (key), &at_))              \
        return (uint32_t)at_;                          \
    if (!vec_push_max(&(b)->vec, fresh, ceiling))      \
        return WNONE;                                  \
    if (!map64_put((b)->map, (key), (b)->vec.n - 1)) { \
        (b)->vec.n--;                                  \
        return WNONE;                                  \
    }                                                  \
    return (uint32_t)((b)->vec.n - 1)

uint32_t fold_route(struct workload_build *b, sym name, uint8_t type)
{
    uint64_t key = key_of((uint32_t[]){ name, type }, 2);
    struct froute fresh = { .name = name, .type = type };
    FIND_OR_ADD(b, route_of, routes, FOLD_ROUTES, key, fresh);
}

uint32_t fold_shape(struct workload_build *b, uint64_t fingerprint, sym text)
{
    struct fshape fresh = { .text = text, .fingerprint = fingerprint };
    FIND_OR_ADD(b, shape_of, shapes, LIMIT_SHAPES, fingerprint, fresh);
}

uint32_t fold_caller(struct workload_build *b, const struct fcaller *k)
{
    uint64_t key = key_of((uint32_t[]){ k->route, k->shape, k->file, k->line, k->relation }, 5);
    struct fcaller fresh = { .route = k->route,
                             .shape = k->shape,
                             .file = k->file,
                             .line = k->line,
                             .fn = k->fn,
                             .relation = k->relation,
                             .view = k->view,
                             .component = k->component };
    FIND_OR_ADD(b, caller_of, callers, FOLD_CALLERS, key, fresh);
}

uint32_t fold_call(struct workload_build *b, const struct fcall *k)
{
    uint64_t key =
        key_of((uint32_t[]){ k->route, k->kind, k->name, k->file, k->line, k->a_key }, 6);
    struct fcall fresh = { .route = k->route,
                           .kind = k->kind,
                           .name = k->name,
                           .file = k->file,
                           .line = k->line,
                           .fn = k->fn,
                           .view = k->view,
                           .component = k->component,
                           .a_key = k->a_key };
    FIND_OR_ADD(b, call_of, calls, FOLD_CALLS, key, fresh);
}

/* Keeps the items with the smallest keys: a heap with the largest key on top. */
#define SAMPLE_KEY(base, size, i) (*(uint64_t *)(void *)((base) + (i) * (size)))
static void swap_items(char *a, char *b, size_t size)
{
    char t[sizeof(struct fsample)];
    memcpy(t, a, size);
    memcpy(a, b, size);
    memcpy(b, t, size);
}

static void heap_down(char *base, size_t n, size_t size)
{
    for (size_t i = 0;;) {
        size_t top = i, l = 2 * i + 1, r = l + 1;
        if (l < n && SAMPLE_KEY(base, size, l) > SAMPLE_KEY(base, size, top))
            top = l;
        if (r < n && SAMPLE_KEY(base, size, r) > SAMPLE_KEY(base, size, top))
            top = r;
        if (top == i)
            return;
        swap_items(base + i * size, base + top * size, size);
        i = top;
    }
}

static void heap_up(char *base, size_t i, size_t size)
{
    while (i && SAMPLE_KEY(base, size, (i - 1) / 2) < SAMPLE_KEY(base, size, i)) {
        swap_items(base + i * size, base + (i - 1) / 2 * size, size);
        i = (i - 1) / 2;
    }
}

bool fold_sample(struct fsample_vec *v, const struct fsample *s)
{
    if (v->n == WSAMPLES) {
        if (s->key < v->p[0].key) {
            v->p[0] = *s;
            heap_down((char *)v->p, v->n, sizeof *s);
        }
        return true;
    }
    if (!vec_push_max(v, *s, WSAMPLES))
        return false;
    heap_up((char *)v->p, v->n - 1, sizeof *s);
    return true;
}

bool fold_count(struct fcaller *c, struct fcount s)
{
    if (c->counts.n == WSAMPLES) {
        if (s.key < c->counts.p[0].key) {
            c->counts.p[0] = s;
            heap_down((char *)c->counts.p, c->counts.n, sizeof s);
        }
        return true;
    }
    if (!vec_push_max(&c->counts, s, WSAMPLES))
        return false;
    heap_up((char *)c->counts.p, c->counts.n - 1, sizeof s);
    return true;
}

bool fold_distinct(struct workload_build *b, uint32_t caller, uint64_t value)
{
    struct fcaller *c = &b->callers.p[caller];
    uint64_t key = hash_mix(value, caller);
    if (c->distinct.n >= FOLD_DISTINCT || map64_get(b->distinct, key, NULL))
        return true;
    return vec_push_max(&c->distinct, value, FOLD_DISTINCT) && map64_put(b->distinct, key, 1);
}

static void add_value(struct fshape *s, sym value, bool first)
{
    size_t at = 0;
    while (at < s->values.n && s->values.p[at] != value)
        at++;
    if (!value || (at == s->values.n && !vec_push_max(&s->values, value, WVALUES)))
        return; /* a hundred are enough to choose from */
    if (first) {
        s->values.p[at] = s->values.p[0];
        s->values.p[0] = value;
    }
}

void fold_example(struct workload_build *b, struct fshape *s, sym text, uint64_t ns, sym value)
{
    bool slower = ns > s->slowest_ns || !s->example;
    if (ns == s->slowest_ns && s->example &&
        text != s->example) /* either; but always the same one */
        slower = strcmp(syms_cstr(b->syms, text), syms_cstr(b->syms, s->example)) < 0;
    if (slower) {
        if (text != s->example)
            s->values.n = 0;
        s->example = text;
        s->slowest_ns = ns;
    }
    if (text == s->example)
        add_value(s, value, slower);
}

void fold_vote(struct fcaller *c, const struct fparent *v)
{
    for (unsigned i = 0; i < c->nparents; i++) {
        struct fparent *p = &c->parents[i];
        if (p->shape == v->shape && p->file == v->file && p->line == v->line) {
            p->votes += v->votes;
            p->rows += v->rows;
            return;
        }
    }
    if (c->nparents < FOLD_PARENTS)
        c->parents[c->nparents++] = *v;
}
