/* What a walk reports: one event a (kind, place, subject), with the steps that a reader follows. */
#include "laravel/interp.h"

enum { STEPS_MAX = 24 };

bool event_seen(struct interp *it, uint64_t key)
{
    struct memo_slot **slot = &it->seen[key % MEMO_BUCKETS];
    for (struct memo_slot *s = *slot; s; s = s->next)
        if (s->key == key)
            return true;
    struct memo_slot *s = it_new(it, struct memo_slot);
    if (!s)
        return true;
    *s = (struct memo_slot){ .key = key, .next = *slot };
    *slot = s;
    return false;
}

/* A view or component with the same rows in the same loop says nothing new. */
bool walked_before(struct interp *it, uint64_t key)
{
    key = hash_mix(key, (uint64_t)(uintptr_t)loop_now(it));
    key = hash_mix(key, (uint64_t)it->tx.file << 32 | it->quiet);
    return event_seen(it, key);
}

static bool is_none(struct ref r)
{
    return r.file == REF_NONE;
}

static bool in_list(const struct flow_step *s, unsigned n, struct ref at)
{
    for (unsigned i = 0; i < n; i++)
        if (s[i].at.file == at.file && s[i].at.node == at.node)
            return true;
    return false;
}

static unsigned add_step(struct flow_step *s, unsigned n, struct ref at, uint8_t role)
{
    if (is_none(at) || n >= STEPS_MAX || in_list(s, n, at))
        return n;
    s[n] = (struct flow_step){ at, role };
    return n + 1;
}

/* Calls between the loop and the read, outermost first. */
static unsigned add_calls(const struct interp *it, const struct loop *loop, struct flow_step *s,
                          unsigned n)
{
    const struct frame *stack[STEPS_MAX];
    unsigned k = 0;
    for (const struct frame *f = it->top; f && f != (loop ? loop->frame : NULL) && k < STEPS_MAX;
         f = f->up)
        stack[k++] = f;
    for (; k; k--)
        n = add_step(s, n, stack[k - 1]->site, stack[k - 1]->role);
    return n;
}

static unsigned add_views(const struct interp *it, const struct loop *loop, struct flow_step *s,
                          unsigned n)
{
    for (const struct frame *f = loop ? loop->frame : NULL; f; f = f->up)
        if (f->role == STEP_VIEW)
            return add_step(s, n, f->site, STEP_VIEW);
    return n;
}

bool in_accessor(const struct interp *it, const struct loop *loop, struct ref *ret_method)
{
    for (const struct frame *f = it->top; f && f != (loop ? loop->frame : NULL); f = f->up)
        if (f->role == STEP_ACCESSOR) {
            *ret_method = f->body;
            return true;
        }
    return false;
}

static unsigned add_origin(const struct origin *o, struct flow_step *s, unsigned n)
{
    if (!o)
        return n;
    if (v_is(o->parent, V_MODEL) && o->parent->o)
        n = add_step(s, n, origin_place(o->parent->o), STEP_QUERY);
    n = add_step(s, n, o->head, STEP_QUERY);
    n = add_step(s, n, origin_place(o), STEP_QUERY);
    n = add_step(s, n, o->sites[0], STEP_CALL);
    return add_step(s, n, o->sites[1], STEP_CALL);
}

static unsigned steps_of(const struct interp *it, const struct hit *h, struct flow_step *s)
{
    unsigned n = add_origin(h->origin, s, 0);
    n = add_views(it, h->loop, s, n);
    if (h->loop)
        n = add_step(s, n, h->loop->at, STEP_LOOP);
    n = add_calls(it, h->loop, s, n);
    if (!is_none(it->tx) && h->kind == FLOW_HTTP_IN_TX)
        n = add_step(s, n, it->tx, STEP_TX);
    if (h->query && h->query != h->origin && h->query->kind != O_PROPERTY)
        n = add_step(s, n, h->query->head, STEP_QUERY);
    n = add_step(s, n, h->read, STEP_READ);
    if (h->relation && !is_none(h->relation->at))
        n = add_step(s, n, h->relation->at, STEP_RELATION);
    return n;
}

static const char *keep(struct interp *it, const char *s)
{
    const char *p = s && *s ? arena_strdup(it->keep, s) : "";
    return p ? p : "";
}

/* The method whose body holds a place: it is the one that callers judge. */
static uint32_t owner_of(const struct interp *it, struct ref at)
{
    for (const struct frame *f = it->top; f; f = f->up) {
        if (is_none(f->body) || f->body.file != at.file || f->cls == NO_CLASS)
            continue;
        uint32_t end = facts_node(it->app->files[at.file].facts, f->body.node)->skip;
        if (at.node < f->body.node || at.node >= end)
            continue;
        const struct class *c = &it->app->classes[f->cls];
        for (uint32_t i = 0; i < c->nmethods; i++)
            if (c->methods[i].at.file == f->body.file && c->methods[i].at.node == f->body.node)
                return it->w->method_base[f->cls] + i;
    }
    return NO_CLASS;
}

static bool known_origin(const struct hit *h)
{
    return h->origin && h->origin->kind != O_PARAM;
}

static void fill(struct interp *it, const struct hit *h, struct event *e)
{
    struct flow_step steps[STEPS_MAX];
    const struct origin *o = h->origin;
    struct flow *f = &e->f;
    struct ref none = { REF_NONE, 0 };
    *f = (struct flow){ .kind = h->kind, .confidence = h->confidence, .context = it->context,
                        .at = h->at, .model = h->model, .read = h->read, .in_loop = h->loop != NULL,
                        .subject = keep(it, h->subject), .callee = keep(it, h->callee),
                        .loop = h->loop ? h->loop->at : none, .chain = none, .accessor = none,
                        .model_of = none, .with_call = none };
    if (!o)
        o = h->query;
    if (o) {
        f->chain = o->chain;
        f->model_of = o->model_of;
        f->with_call = o->with_call;
        f->origin_has_with = !is_none(o->with_call);
        f->origin_is_relation = o->kind == O_RELATION || o->kind == O_PROPERTY;
        f->few_rows = o->few || (o->unique_eq && h->kind != FLOW_QUERY);
        f->origin_in_loop = h->loop && o->made_in && o->made_in == h->loop;
    }
    f->few_rows = f->few_rows || (h->loop && h->loop->few);
    f->relation = h->relation ? h->relation->kind : REL_NONE;
    f->through_appends = it->appends > 0;
    in_accessor(it, h->loop, &f->accessor);
    unsigned n = steps_of(it, h, steps);
    f->steps = arena_new_array(it->keep, struct flow_step, n ? n : 1);
    if (f->steps && n)
        memcpy(f->steps, steps, n * sizeof *steps);
    f->nsteps = f->steps ? (uint16_t)n : 0;
}

/* A query that an accessor runs for a row has its own kind: the cure is in the accessor. */
static enum flow_kind kind_of(const struct interp *it, const struct hit *h)
{
    struct ref method;
    switch (h->kind) {
    case FLOW_AGGREGATE:
    case FLOW_RELATION_QUERY:
    case FLOW_QUERY:
        return h->loop && in_accessor(it, h->loop, &method) ? FLOW_ACCESSOR_QUERY : h->kind;
    default:
        return h->kind;
    }
}

void report(struct interp *it, const struct hit *given)
{
    if (it->quiet || it->w->collecting || it->cut)
        return;
    struct hit h = *given;
    h.kind = kind_of(it, &h);
    h.subject = h.subject ? h.subject : "";
    h.callee = h.callee ? h.callee : "";
    if (is_none(h.at) || is_none(h.read))
        return;
    uint64_t key = hash_mix((uint64_t)h.at.file << 32 | h.at.node,
                            hash_mix(h.kind, str_hash(str_c(h.subject))));
    key = hash_mix(key, (uint64_t)h.read.file << 32 | h.read.node);
    if (event_seen(it, key))
        return;
    struct event *e = arena_new_one(it->keep, struct event);
    if (!e)
        return;
    fill(it, &h, e);
    e->entry = it->entry;
    e->seq = it->seq++;
    e->owner = NO_CLASS;
    if (h.kind == FLOW_LAZY && !known_origin(&h))
        e->owner = owner_of(it, h.origin ? h.origin->head : h.at);
    e->tentative = h.kind == FLOW_LAZY && !known_origin(&h);
    e->next = it->events;
    it->events = e;
}
