/* Variables of a frame, loops, frames. */
#include "laravel/interp.h"

struct env *env_new(struct interp *it)
{
    return it_new(it, struct env);
}

struct env *env_copy(struct interp *it, const struct env *e)
{
    struct env *c = it_new(it, struct env);
    if (!c || !e || !e->n)
        return c;
    c->v = it_array(it, struct item, e->n + 4);
    if (!c->v)
        return c;
    memcpy(c->v, e->v, e->n * sizeof *c->v);
    c->n = e->n;
    c->cap = e->n + 4;
    return c;
}

const struct value *env_get(const struct env *e, sym name)
{
    for (uint32_t i = 0; e && i < e->n; i++)
        if (e->v[i].key == name)
            return e->v[i].v;
    return NULL;
}

void env_set(struct interp *it, struct env *e, sym name, const struct value *v)
{
    if (!e || !name)
        return;
    for (uint32_t i = 0; i < e->n; i++)
        if (e->v[i].key == name) {
            e->v[i].v = v;
            return;
        }
    if (it_grow(it, (void **)&e->v, &e->cap, e->n, sizeof *e->v))
        e->v[e->n++] = (struct item){ name, v };
}

/* What may hold after either branch; `a` is changed and returned. */
struct env *env_join(struct interp *it, struct env *a, struct env *b)
{
    if (!a || !b || a == b)
        return a ? a : b;
    for (uint32_t i = 0; i < b->n; i++)
        env_set(it, a, b->v[i].key, v_join(it, env_get(a, b->v[i].key), b->v[i].v));
    return a;
}

struct ref here(const struct interp *it, uint32_t node)
{
    if (!it->top)
        return (struct ref){ REF_NONE, 0 };
    return (struct ref){ it->top->file, node < it->top->f->nnodes ? node : 0 };
}

struct loop *loop_push(struct interp *it, struct ref at, struct loop *subject)
{
    struct loop *l = it_new(it, struct loop);
    if (!l)
        return NULL;
    l->outer = it->loop;
    l->subject = loop_eff(it, subject);
    l->at = at;
    l->depth = it->loop ? (uint16_t)(it->loop->depth + 1) : (uint16_t)(it->floor + 1);
    l->active = true;
    l->frame = it->top;
    it->loop = l;
    return l;
}

void loop_pop(struct interp *it, struct loop *l)
{
    if (!l)
        return;
    l->active = false;
    it->loop = l->outer;
}

void frame_push(struct interp *it, struct frame *f, uint32_t file, uint32_t cls,
                const struct value *self, struct ref site, struct ref body, uint8_t role)
{
    *f = (struct frame){ .up = it->top, .file = file, .f = it->app->files[file].facts,
                         .syms = it->app->files[file].syms, .cls = cls, .self = self,
                         .site = site, .body = body, .role = role };
    f->env = env_new(it);
    it->top = f;
    it->depth++;
}

void frame_pop(struct interp *it, struct frame *f)
{
    it->top = f->up;
    it->depth--;
}

unsigned frame_count(const struct interp *it, struct ref body)
{
    unsigned n = 0;
    for (const struct frame *f = it->top; f; f = f->up)
        n += f->body.file == body.file && f->body.node == body.node;
    return n;
}

bool frame_param(const struct interp *it, sym name)
{
    const struct facts *f = it->top->f;
    uint32_t fn = it->top->body.node;
    if (it->top->body.file != it->top->file)
        return false;
    for (uint32_t c = node_first(f, fn); c; c = node_next(f, fn, c))
        if (facts_node(f, c)->kind == N_PARAM && it->top->syms[facts_node(f, c)->s] == name)
            return true;
    return false;
}
