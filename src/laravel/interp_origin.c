/* Origins: one record a query, with what it loads eagerly and counts; and relation paths from its rows. */
#include "laravel/interp.h"

#include <ctype.h>

struct origin *origin_new(struct interp *it, enum origin_kind kind, uint32_t cls, struct ref head)
{
    struct origin *o = it_new(it, struct origin);
    if (!o)
        return NULL;
    o->kind = kind;
    o->cls = cls;
    o->head = head;
    o->chain = head;
    o->head_depth = o->chain_depth = it->depth;
    o->sites[0] = o->sites[1] = (struct ref){ REF_NONE, 0 };
    const struct frame *f = it->top;
    for (unsigned i = 0; i < 2 && f; f = f->up)
        o->sites[i++] = f->site;
    o->with_call = o->model_of = (struct ref){ REF_NONE, 0 };
    o->made_in = loop_now(it);
    return o;
}

/* Where its chain begins, unless that is a helper which many callers share: then the caller's own expression. */
struct ref origin_place(const struct origin *o)
{
    return o->head_depth <= o->chain_depth || o->chain.file == REF_NONE ? o->head : o->chain;
}

/* For `clone $query`: later calls on the copy do not reach the first one. */
struct origin *origin_copy(struct interp *it, const struct origin *o)
{
    struct origin *c = o ? it_new(it, struct origin) : NULL;
    if (!c)
        return NULL;
    *c = *o;
    c->eager.cap = c->eager.n; /* appending makes a list of its own */
    c->ccounts = c->ncounts;
    c->cpreds = c->npreds;
    return c;
}

const struct path *path_child(struct interp *it, const struct path *from, sym name)
{
    if (!it->root)
        it->root = it_new(it, struct path);
    struct path *up = from ? (struct path *)from : it->root;
    if (!up)
        return NULL;
    for (struct path *c = up->child; c; c = c->next)
        if (c->name == name)
            return c;
    struct path *c = it_new(it, struct path);
    if (!c)
        return NULL;
    *c = (struct path){ .up = from, .name = name, .next = up->child };
    up->child = c;
    return c;
}

const char *path_text(struct interp *it, const struct path *p)
{
    if (!p)
        return "";
    struct str name = it_str(it, p->name);
    char *s = p->up ? arena_printf(it->a, "%s." STR_FMT, path_text(it, p->up), STR_ARG(name))
                    : arena_strndup(it->a, name.p, name.n);
    return s ? s : "";
}

bool eager_has(const struct origin *o, const struct path *p)
{
    for (uint32_t i = 0; i < o->eager.n; i++)
        if (o->eager.p[i] == p)
            return true;
    return false;
}

void eager_path(struct interp *it, struct origin *o, const struct path *p)
{
    if (!p || eager_has(o, p))
        return;
    if (it_grow(it, (void **)&o->eager.p, &o->eager.cap, o->eager.n, sizeof *o->eager.p))
        o->eager.p[o->eager.n++] = p;
}

static struct str until(struct str s, char c)
{
    for (uint32_t i = 0; i < s.n; i++)
        if (s.p[i] == c)
            return str_sub(s, 0, i);
    return s;
}

static const struct path *eager_walk(struct interp *it, struct origin *o, const struct path *from,
                                     struct str dotted)
{
    struct str rest = until(until(dotted, ':'), ' '), part;
    while (str_next(&rest, '.', &part)) {
        sym s = syms_find(it->app->syms, part);
        if (!s)
            return NULL;
        from = path_child(it, from, s);
        eager_path(it, o, from);
    }
    return from;
}

void eager_add(struct interp *it, struct origin *o, const struct path *from, struct str dotted)
{
    eager_walk(it, o, from, dotted);
}

void count_add(struct interp *it, struct origin *o, const struct path *at, sym alias)
{
    if (!alias || count_has(o, at, alias))
        return;
    if (it_grow(it, (void **)&o->counts, &o->ccounts, o->ncounts, sizeof *o->counts))
        o->counts[o->ncounts++] = (struct count){ at, alias };
}

bool count_has(const struct origin *o, const struct path *at, sym alias)
{
    for (uint32_t i = 0; i < o->ncounts; i++)
        if (o->counts[i].alias == alias && o->counts[i].at == at)
            return true;
    return false;
}

static bool with_of_class(struct interp *it, const struct value *m, sym relation)
{
    const struct model *model = class_model(it->app, m->cls);
    if (!model)
        return false;
    struct str name = it_str(it, relation);
    bool hit = false;
    for (uint16_t i = 0; i < model->nwith; i++) {
        struct str w = it_str(it, model->with[i]);
        if (!str_eq(until(until(w, ':'), '.'), name))
            continue;
        hit = true;
        if (m->o)
            eager_add(it, m->o, m->path, w);
    }
    return hit;
}

/* Loaded by a global scope of the row's class. */
static bool with_of_scope(struct interp *it, const struct value *m, sym relation)
{
    const struct origin *scope = m->cls != NO_CLASS ? global_scope(it, m->cls) : NULL;
    if (!scope || !eager_has(scope, path_child(it, NULL, relation)))
        return false;
    for (uint32_t i = 0; m->o && i < scope->eager.n; i++)
        eager_add(it, m->o, m->path, str_c(path_text(it, scope->eager.p[i])));
    return true;
}

bool model_loaded(struct interp *it, const struct value *m, sym relation)
{
    if (with_of_class(it, m, relation) || with_of_scope(it, m, relation))
        return true;
    return m->o && eager_has(m->o, path_child(it, m->path, relation));
}

/* --- lists of relations as arguments --- */

static uint32_t related_class(struct interp *it, uint32_t cls, struct str dotted)
{
    struct str rest = until(until(dotted, ':'), ' '), part;
    while (cls != NO_CLASS && str_next(&rest, '.', &part)) {
        const struct model *m = class_model(it->app, cls);
        sym s = syms_find(it->app->syms, part);
        const struct relation *r = m && s ? model_relation(it->app, m, s) : NULL;
        cls = r ? r->related : NO_CLASS;
    }
    return cls;
}

static void eager_value(struct interp *, struct origin *, const struct path *, uint32_t cls,
                        const struct value *);

static void eager_constraint(struct interp *it, struct origin *o, const struct path *at,
                             uint32_t cls, const struct value *fn)
{
    const struct value *b =
        v_flags(it, v_rows(it, V_BUILDER, cls, o, at, NULL), VF_SUB);
    call_closure1(it, fn, b, o->head);
}

static void eager_item(struct interp *it, struct origin *o, const struct path *from, uint32_t cls,
                       struct str key, const struct value *v)
{
    const struct path *p = eager_walk(it, o, from, key);
    uint32_t related = related_class(it, cls, key);
    if (v_is(v, V_CLOSURE))
        eager_constraint(it, o, p, related, v);
    else if (v_is(v, V_ARRAY) || v_is(v, V_STR))
        eager_value(it, o, p, related, v);
}

static void eager_array(struct interp *it, struct origin *o, const struct path *from, uint32_t cls,
                        const struct value *v)
{
    for (uint32_t i = 0; i < v->arr->n; i++) {
        const struct item *x = &v->arr->items[i];
        if (x->key)
            eager_item(it, o, from, cls, it_str(it, x->key), x->v);
        else
            eager_value(it, o, from, cls, x->v);
    }
    if (v->arr->elem)
        eager_value(it, o, from, cls, v->arr->elem);
}

static void eager_value(struct interp *it, struct origin *o, const struct path *from, uint32_t cls,
                        const struct value *v)
{
    const struct value *const *m;
    uint32_t n = v_members(&v, &m);
    for (uint32_t i = 0; i < n; i++) {
        if (m[i]->kind == V_STR && !(m[i]->flags & VF_PARTIAL))
            eager_add(it, o, from, m[i]->s);
        else if (m[i]->kind == V_ARRAY)
            eager_array(it, o, from, cls, m[i]);
        else if (m[i]->kind != V_NULL && m[i]->kind != V_CLOSURE)
            o->unread_eager = true;
    }
}

void eager_args(struct interp *it, struct origin *o, const struct path *from, uint32_t cls,
                const struct args *args)
{
    if (!o)
        return;
    const struct value *a0 = arg_at(args, 0), *a1 = arg_at(args, 1);
    if (v_is(a0, V_STR) && v_is(a1, V_CLOSURE)) {
        eager_item(it, o, from, cls, a0->s, a1);
        return;
    }
    for (uint32_t i = 0; i < args->n; i++)
        eager_value(it, o, from, cls, args->a[i].v);
}

/* --- counts --- */

static char *snake(struct interp *it, struct str s)
{
    char *p = it_alloc(it, 2 * (size_t)s.n + 1);
    uint32_t n = 0;
    for (uint32_t i = 0; p && i < s.n; i++) {
        if (isupper((unsigned char)s.p[i]) && i)
            p[n++] = '_';
        p[n++] = (char)tolower((unsigned char)s.p[i]);
    }
    return p;
}

static void count_name(struct interp *it, struct origin *o, const struct path *at, struct str s,
                       const char *suffix)
{
    for (uint32_t i = 0; i + 4 < s.n; i++)
        if (strncasecmp(s.p + i, " as ", 4) == 0) {
            count_add(it, o, at, syms_find(it->app->syms, str_trim(str_sub(s, i + 4, s.n))));
            return;
        }
    char *base = snake(it, s);
    char *alias = base ? arena_printf(it->a, "%s%s", base, suffix) : NULL;
    if (alias)
        count_add(it, o, at, it_find_sym(it, alias));
}

static void count_value(struct interp *it, struct origin *o, const struct path *at,
                        const struct value *v, const char *suffix)
{
    const struct value *const *m;
    uint32_t n = v_members(&v, &m);
    for (uint32_t i = 0; i < n; i++) {
        if (m[i]->kind == V_STR)
            count_name(it, o, at, m[i]->s, suffix);
        if (m[i]->kind != V_ARRAY)
            continue;
        for (uint32_t k = 0; k < m[i]->arr->n; k++) {
            const struct item *x = &m[i]->arr->items[k];
            if (x->key)
                count_name(it, o, at, it_str(it, x->key), suffix);
            else
                count_value(it, o, at, x->v, suffix);
        }
    }
}

/* withCount('messages'), withSum('lines', 'amount'): the attribute that holds the figure. */
void count_args(struct interp *it, struct origin *o, const struct path *at, const struct args *args,
                const char *suffix)
{
    if (!o)
        return;
    const struct value *column = arg_at(args, 1);
    if (strcmp(suffix, "_count") && strcmp(suffix, "_exists") && v_is(column, V_STR)) {
        const char *s = arena_printf(it->a, "%s_" STR_FMT, suffix, STR_ARG(column->s));
        count_value(it, o, at, arg_at(args, 0), s ? s : suffix);
        return;
    }
    for (uint32_t i = 0; i < args->n; i++)
        count_value(it, o, at, args->a[i].v, suffix);
}
