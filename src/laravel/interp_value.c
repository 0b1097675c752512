/* Abstract values: making, joining, hashing, and arrays by literal key. */
#include "laravel/interp.h"

static const struct value UNKNOWN = { .kind = V_UNKNOWN, .cls = NO_CLASS };
static const struct value NOTHING = { .kind = V_NULL, .cls = NO_CLASS };
static const struct value SCALAR = { .kind = V_SCALAR, .cls = NO_CLASS };

void *it_alloc(struct interp *it, size_t bytes)
{
    void *p = it->cut && arena_failed(it->a) ? NULL : arena_alloc(it->a, bytes);
    if (!p && !it->cut) {
        it->cut = true;
        it->stats.cut_memory++;
    }
    return p;
}

bool it_grow(struct interp *it, void **p, uint32_t *cap, uint32_t n, size_t size)
{
    if (n < *cap)
        return true;
    uint32_t more = *cap ? *cap * 2 : 8;
    void *q = it_alloc(it, size * more);
    if (!q)
        return false;
    if (n)
        memcpy(q, *p, size * n);
    *p = q;
    *cap = more;
    return true;
}

bool it_step(struct interp *it)
{
    if (it->cut)
        return false;
    if (++it->steps <= it->max_steps)
        return true;
    it->cut = true;
    it->stats.cut_steps++;
    return false;
}

static struct value *v_new(struct interp *it, uint8_t kind, uint32_t cls, struct loop *dep)
{
    struct value *v = it_new(it, struct value);
    if (!v)
        return NULL;
    v->kind = kind;
    v->cls = cls;
    v->dep = dep;
    return v;
}

const struct value *v_unknown(struct interp *it, struct loop *dep)
{
    dep = loop_eff(it, dep);
    struct value *v = dep ? v_new(it, V_UNKNOWN, NO_CLASS, dep) : NULL;
    return v ? v : &UNKNOWN;
}

const struct value *v_null(void)
{
    return &NOTHING;
}

const struct value *v_scalar(struct interp *it, struct loop *dep)
{
    dep = loop_eff(it, dep);
    struct value *v = dep ? v_new(it, V_SCALAR, NO_CLASS, dep) : NULL;
    return v ? v : &SCALAR;
}

const struct value *v_literal(struct interp *it, sym written)
{
    struct value *v = v_new(it, V_SCALAR, NO_CLASS, NULL);
    if (!v)
        return &SCALAR;
    v->s = it_str(it, written);
    v->name = 1;
    return v;
}

const struct value *v_str(struct interp *it, struct str s, uint8_t flags, struct loop *dep)
{
    struct value *v = v_new(it, V_STR, NO_CLASS, dep);
    if (!v)
        return &UNKNOWN;
    v->s = s;
    v->flags = flags;
    return v;
}

const struct value *v_class(struct interp *it, uint32_t cls, sym name)
{
    struct value *v = v_new(it, V_CLASS, cls, NULL);
    if (!v)
        return &UNKNOWN;
    v->s = it_str(it, name);
    return v;
}

const struct value *v_rows(struct interp *it, uint8_t kind, uint32_t cls, struct origin *o,
                           const struct path *path, struct loop *dep)
{
    struct value *v = v_new(it, kind, cls, dep);
    if (!v)
        return &UNKNOWN;
    v->o = o;
    v->path = path;
    return v;
}

const struct value *v_model(struct interp *it, uint32_t cls, struct origin *o,
                            const struct path *path, struct loop *dep)
{
    return v_rows(it, V_MODEL, cls, o, path, dep);
}

const struct value *v_object(struct interp *it, struct object *obj, struct loop *dep)
{
    struct value *v = obj ? v_new(it, V_OBJECT, obj->cls, dep) : NULL;
    if (!v)
        return &UNKNOWN;
    v->obj = obj;
    return v;
}

const struct value *v_array(struct interp *it, const struct array *arr, struct loop *dep)
{
    struct value *v = arr ? v_new(it, V_ARRAY, NO_CLASS, dep) : NULL;
    if (!v)
        return &UNKNOWN;
    v->arr = arr;
    return v;
}

const struct value *v_of(struct interp *it, uint8_t kind, uint16_t name, const struct value *of,
                         struct loop *dep)
{
    struct value *v = v_new(it, kind, NO_CLASS, dep);
    if (!v)
        return &UNKNOWN;
    v->of = of;
    v->name = name;
    return v;
}

const struct value *v_closure(struct interp *it, const struct closure *fn)
{
    struct value *v = fn ? v_new(it, V_CLOSURE, NO_CLASS, NULL) : NULL;
    if (!v)
        return &UNKNOWN;
    v->fn = fn;
    return v;
}

static struct value *v_copy(struct interp *it, const struct value *v)
{
    struct value *c = it_new(it, struct value);
    if (c)
        *c = *v;
    return c;
}

const struct value *v_flags(struct interp *it, const struct value *v, uint8_t add)
{
    if ((v->flags & add) == add)
        return v;
    struct value *c = v_copy(it, v);
    if (!c)
        return v;
    c->flags |= add;
    return c;
}

const struct value *v_varying(struct interp *it, const struct value *v, struct loop *dep)
{
    struct loop *d = dep_max(it, v->dep, dep);
    if (!d || (d == v->dep && v->kind != V_UNION))
        return v;
    struct value *c = v_copy(it, v);
    if (!c)
        return v;
    c->dep = d;
    if (v->kind != V_UNION)
        return c;
    c->u.m = it_array(it, const struct value *, v->u.n);
    if (!c->u.m)
        return v;
    for (uint32_t i = 0; i < v->u.n; i++)
        c->u.m[i] = v_varying(it, v->u.m[i], dep);
    return c;
}

/* The innermost loop that anything in it depends on. */
struct loop *v_taint(const struct interp *it, const struct value *v, unsigned depth)
{
    if (!v || depth > 3)
        return NULL;
    struct loop *d = loop_eff(it, v->dep);
    if (v->kind == V_ARRAY) {
        for (uint32_t i = 0; i < v->arr->n; i++)
            d = dep_max(it, d, v_taint(it, v->arr->items[i].v, depth + 1));
        d = dep_max(it, d, v_taint(it, v->arr->elem, depth + 1));
    }
    for (uint32_t i = 0; v->kind == V_UNION && i < v->u.n; i++)
        d = dep_max(it, d, v_taint(it, v->u.m[i], depth + 1));
    return d;
}

struct loop *loop_eff(const struct interp *it, struct loop *l)
{
    while (l && (!l->active || l->depth <= it->floor))
        l = l->subject;
    return l;
}

struct loop *dep_max(const struct interp *it, struct loop *a, struct loop *b)
{
    a = loop_eff(it, a);
    b = loop_eff(it, b);
    if (!a || !b)
        return a ? a : b;
    return a->depth >= b->depth ? a : b;
}

/* --- hashing, for memos --- */

static uint64_t hash_array(const struct interp *it, const struct array *a, unsigned depth)
{
    uint64_t h = a->n;
    for (uint32_t i = 0; i < a->n; i++)
        h = hash_mix(h, hash_mix(a->items[i].key, v_hash(it, a->items[i].v, depth + 1)));
    return a->elem ? hash_mix(h, v_hash(it, a->elem, depth + 1)) : h;
}

uint64_t v_hash(const struct interp *it, const struct value *v, unsigned depth)
{
    if (!v)
        return 0;
    uint64_t h = hash_mix((uint64_t)v->kind << 32 | v->cls, (uint64_t)(uintptr_t)loop_eff(it, v->dep));
    h = hash_mix(h, (uint64_t)v->flags << 16 | v->name);
    if (depth > 4)
        return h;
    switch ((enum vkind)v->kind) {
    case V_UNKNOWN:
    case V_NULL:
    case V_SCALAR:
    case V_AUTH:
    case V_CLIENT:
    case V_DB:
    case V_SENDER:
        return h;
    case V_CLASS:
    case V_STR:
        return hash_mix(h, str_hash(v->s));
    case V_MODEL:
    case V_BUILDER:
    case V_COLL:
        return hash_mix(hash_mix(h, (uint64_t)(uintptr_t)v->o), (uint64_t)(uintptr_t)v->path);
    case V_ARRAY:
        return hash_mix(h, hash_array(it, v->arr, depth));
    case V_UNION:
        for (uint32_t i = 0; i < v->u.n; i++)
            h = hash_mix(h, v_hash(it, v->u.m[i], depth + 1));
        return h;
    case V_OBJECT:
        return hash_mix(hash_mix(h, (uint64_t)(uintptr_t)v->obj), v->obj->version);
    case V_CLOSURE:
        return hash_mix(h, (uint64_t)(uintptr_t)v->fn);
    case V_VIEW:
        return hash_mix(h, (uint64_t)(uintptr_t)v->view);
    case V_HIGHER:
    case V_FLUENT:
        return hash_mix(h, v_hash(it, v->of, depth + 1));
    }
    return h;
}

static bool rows_in_array(const struct array *a, unsigned depth)
{
    for (uint32_t i = 0; i < a->n; i++)
        if (v_has_rows(a->items[i].v, depth + 1))
            return true;
    return v_has_rows(a->elem, depth + 1);
}

/* Could a relation be read, or a query run, through it? */
bool v_has_rows(const struct value *v, unsigned depth)
{
    if (!v)
        return false;
    switch ((enum vkind)v->kind) {
    case V_UNKNOWN:
    case V_NULL:
    case V_SCALAR:
    case V_STR:
    case V_CLASS:
    case V_AUTH:
    case V_DB:
        return false;
    case V_ARRAY:
        return depth > 4 || rows_in_array(v->arr, depth);
    case V_UNION:
        for (uint32_t i = 0; i < v->u.n; i++)
            if (v_has_rows(v->u.m[i], depth + 1))
                return true;
        return false;
    default:
        return true;
    }
}

static uint64_t shape_of_array(const struct interp *it, const struct array *a, unsigned depth)
{
    uint64_t h = a->n;
    for (uint32_t i = 0; i < a->n; i++)
        h = hash_mix(h, hash_mix(a->items[i].key, v_shape(it, a->items[i].v, depth + 1)));
    return a->elem ? hash_mix(h, v_shape(it, a->elem, depth + 1)) : h;
}

/* The same, but texts and numbers are all alike: they do not decide where rows go. */
uint64_t v_shape(const struct interp *it, const struct value *v, unsigned depth)
{
    if (!v || depth > 4)
        return 0;
    switch ((enum vkind)v->kind) {
    case V_STR:
    case V_SCALAR:
    case V_NULL:
    case V_UNKNOWN:
        return (uint64_t)(uintptr_t)loop_eff(it, v->dep);
    case V_ARRAY:
        return hash_mix((uint64_t)(uintptr_t)loop_eff(it, v->dep), shape_of_array(it, v->arr, depth));
    case V_UNION: {
        uint64_t h = v->u.n;
        for (uint32_t i = 0; i < v->u.n; i++)
            h = hash_mix(h, v_shape(it, v->u.m[i], depth + 1));
        return h;
    }
    default:
        return v_hash(it, v, depth);
    }
}

/* The rows of a query with a small limit of its own. */
bool few_of(const struct value *rows)
{
    return v_is(rows, V_COLL) && rows->o && !rows->path && rows->o->few;
}

bool v_is_const(const struct value *v)
{
    if (!v)
        return true;
    switch ((enum vkind)v->kind) {
    case V_NULL:
    case V_CLASS:
    case V_CLOSURE:
        return true;
    case V_SCALAR:
        return v->name == 1;
    case V_STR:
        return !(v->flags & VF_PARTIAL);
    case V_ARRAY:
        if (v->arr->elem)
            return false;
        for (uint32_t i = 0; i < v->arr->n; i++)
            if (!v_is_const(v->arr->items[i].v))
                return false;
        return true;
    default:
        return false;
    }
}

/* --- joining --- */

uint32_t v_members(const struct value *const *v, const struct value *const **ret)
{
    if (!*v) {
        *ret = v;
        return 0;
    }
    if ((*v)->kind == V_UNION) {
        *ret = (const struct value *const *)(*v)->u.m;
        return (*v)->u.n;
    }
    *ret = v;
    return 1;
}

static bool same_value(const struct value *a, const struct value *b)
{
    if (a == b)
        return true;
    if (a->kind != b->kind || a->cls != b->cls || a->flags != b->flags)
        return false;
    switch ((enum vkind)a->kind) {
    case V_MODEL:
    case V_BUILDER:
    case V_COLL:
        return a->o == b->o && a->path == b->path;
    case V_STR:
    case V_CLASS:
        return str_eq(a->s, b->s);
    case V_OBJECT:
        return a->obj == b->obj;
    case V_VIEW:
        return a->view == b->view;
    case V_CLOSURE:
        return a->fn == b->fn;
    case V_UNKNOWN:
    case V_NULL:
    case V_SCALAR:
    case V_AUTH:
        return true;
    case V_CLIENT:
        return a->name == b->name;
    default:
        return false;
    }
}

static bool says_nothing(const struct value *v)
{
    return v->kind == V_UNKNOWN || v->kind == V_NULL || v->kind == V_SCALAR;
}

static uint32_t union_add(const struct value **m, uint32_t n, const struct value *v)
{
    const struct value *const *of;
    uint32_t k = v_members(&v, &of);
    for (uint32_t i = 0; i < k; i++) {
        bool there = says_nothing(of[i]);
        for (uint32_t j = 0; j < n && !there; j++)
            there = same_value(m[j], of[i]);
        if (!there && n < WALK_UNION)
            m[n++] = of[i];
    }
    return n;
}

static const struct value *join_union(struct interp *it, const struct value *a,
                                      const struct value *b)
{
    const struct value *m[WALK_UNION];
    uint32_t n = union_add(m, 0, a);
    n = union_add(m, n, b);
    if (n == 1)
        return m[0];
    struct value *v = v_new(it, V_UNION, NO_CLASS, dep_max(it, a->dep, b->dep));
    if (!v)
        return a;
    v->u.m = it_array(it, const struct value *, n);
    if (!v->u.m)
        return a;
    memcpy(v->u.m, m, n * sizeof m[0]);
    v->u.n = n;
    return v;
}

static const struct value *join_arrays(struct interp *it, const struct value *a,
                                       const struct value *b)
{
    if (a->arr->literal && !a->arr->n && !a->arr->elem)
        return b;
    if (b->arr->literal && !b->arr->n && !b->arr->elem)
        return a;
    const struct value *r = a;
    for (uint32_t i = 0; i < b->arr->n; i++) {
        const struct item *x = &b->arr->items[i];
        const struct value *old = x->key ? array_get(r, x->key) : array_nth(r, i);
        if (old == x->v)
            continue;
        r = x->key ? array_with(it, r, x->key, v_join(it, old, x->v))
            : old  ? array_push(it, r, x->v, false)
                   : array_push(it, r, x->v, true);
    }
    return b->arr->elem ? array_push(it, r, b->arr->elem, false) : r;
}

const struct value *v_join(struct interp *it, const struct value *a, const struct value *b)
{
    if (!a || !b)
        return a ? a : b;
    if (a == b)
        return a;
    if (says_nothing(a))
        return says_nothing(b) && b->kind == V_NULL ? a : v_varying(it, b, a->dep);
    if (says_nothing(b))
        return v_varying(it, a, b->dep);
    if (same_value(a, b))
        return v_varying(it, a, b->dep);
    if (a->kind == V_ARRAY && b->kind == V_ARRAY)
        return join_arrays(it, a, b);
    return join_union(it, a, b);
}

/* --- arrays --- */

const struct value *array_get(const struct value *a, sym key)
{
    for (uint32_t i = 0; i < a->arr->n; i++)
        if (a->arr->items[i].key == key)
            return a->arr->items[i].v;
    return NULL;
}

const struct value *array_nth(const struct value *a, uint32_t n)
{
    for (uint32_t i = 0; i < a->arr->n; i++)
        if (!a->arr->items[i].key && n-- == 0)
            return a->arr->items[i].v;
    return NULL;
}

static struct array *array_copy(struct interp *it, const struct value *of, uint32_t extra)
{
    struct array *c = it_new(it, struct array);
    const struct array *a = v_is(of, V_ARRAY) ? of->arr : NULL;
    if (!c)
        return NULL;
    uint32_t n = a ? a->n : 0;
    c->items = it_array(it, struct item, n + extra);
    if (!c->items)
        return NULL;
    if (n)
        memcpy(c->items, a->items, n * sizeof *c->items);
    c->n = n;
    c->elem = a ? a->elem : NULL;
    return c;
}

const struct value *array_with(struct interp *it, const struct value *arr, sym key,
                               const struct value *v)
{
    struct array *c = array_copy(it, arr, 1);
    struct loop *dep = dep_max(it, arr ? arr->dep : NULL, NULL);
    if (!c)
        return v_unknown(it, dep);
    for (uint32_t i = 0; i < c->n; i++)
        if (c->items[i].key == key) {
            c->items[i].v = v;
            return v_array(it, c, dep);
        }
    if (c->n < WALK_ITEMS)
        c->items[c->n++] = (struct item){ key, v };
    else
        c->elem = v_join(it, c->elem, v);
    return v_array(it, c, dep);
}

const struct value *array_push(struct interp *it, const struct value *arr, const struct value *v,
                               bool positional)
{
    struct array *c = array_copy(it, arr, 1);
    struct loop *dep = dep_max(it, arr ? arr->dep : NULL, NULL);
    if (!c)
        return v_unknown(it, dep);
    if (positional && c->n < WALK_ITEMS / 4)
        c->items[c->n++] = (struct item){ 0, v };
    else
        c->elem = v_join(it, c->elem, v);
    return v_array(it, c, dep);
}

const struct value *array_merge(struct interp *it, const struct value *a, const struct value *b)
{
    if (!v_is(b, V_ARRAY))
        return v_is(a, V_ARRAY) ? a : b;
    if (!v_is(a, V_ARRAY))
        return b;
    const struct value *r = a;
    for (uint32_t i = 0; i < b->arr->n; i++)
        r = b->arr->items[i].key ? array_with(it, r, b->arr->items[i].key, b->arr->items[i].v)
                                 : array_push(it, r, b->arr->items[i].v, true);
    return b->arr->elem ? array_push(it, r, b->arr->elem, false) : r;
}

static const struct value *elem_of_array(struct interp *it, const struct value *v,
                                         struct loop *loop)
{
    const struct value *r = v->arr->elem;
    for (uint32_t i = 0; i < v->arr->n && i < 8; i++)
        r = v_join(it, r, v->arr->items[i].v);
    return r ? v_varying(it, r, loop) : v_unknown(it, loop);
}

const struct value *elem_of(struct interp *it, const struct value *v, struct loop *loop)
{
    const struct value *const *m;
    uint32_t n = v_members(&v, &m);
    const struct value *r = NULL;
    for (uint32_t i = 0; i < n; i++) {
        const struct value *x = m[i], *e;
        if (x->kind == V_COLL || x->kind == V_BUILDER)
            e = x->flags & VF_RAW ? v_unknown(it, loop)
                                  : v_model(it, x->cls, x->o, x->path, loop);
        else if (x->kind == V_ARRAY)
            e = elem_of_array(it, x, loop);
        else if (x->kind == V_OBJECT && object_get(x->obj, it->w->s_collection))
            e = elem_of(it, object_get(x->obj, it->w->s_collection), loop);
        else
            e = v_unknown(it, loop);
        r = v_join(it, r, e);
    }
    return r ? r : v_unknown(it, loop);
}

/* --- objects --- */

struct object *object_new(struct interp *it, uint32_t cls)
{
    struct object *o = it_new(it, struct object);
    if (o)
        o->cls = cls;
    return o;
}

const struct value *object_get(const struct object *o, sym name)
{
    for (uint32_t i = 0; i < o->n; i++)
        if (o->fields[i].key == name)
            return o->fields[i].v;
    return NULL;
}

void object_set(struct interp *it, struct object *o, sym name, const struct value *v)
{
    if (!name)
        return;
    for (uint32_t i = 0; i < o->n; i++)
        if (o->fields[i].key == name) {
            o->version += !same_value(o->fields[i].v, v);
            o->fields[i].v = v;
            return;
        }
    o->version++;
    if (it_grow(it, (void **)&o->fields, &o->cap, o->n, sizeof *o->fields))
        o->fields[o->n++] = (struct item){ name, v };
}
