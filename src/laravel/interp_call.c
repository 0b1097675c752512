/* Calls: arguments, frames, the memo by (method, argument values), closures. */
#include "laravel/interp.h"

void args_init(struct args *a)
{
    a->n = 0;
    a->dep = NULL;
    a->nonconst = a->cut = false;
}

void args_add(struct interp *it, struct args *a, const struct value *v)
{
    if (!v)
        v = v_unknown(it, NULL);
    a->dep = dep_max(it, a->dep, v_taint(it, v, 0));
    a->nonconst = a->nonconst || !v_is_const(v);
    if (a->n < WALK_ARGS)
        a->a[a->n++] = (struct arg){ .v = v };
    else
        a->cut = true;
}

static void args_spread(struct interp *it, struct args *a, const struct value *v)
{
    if (!v_is(v, V_ARRAY)) {
        args_add(it, a, elem_of(it, v, v->dep));
        return;
    }
    for (uint32_t i = 0; i < v->arr->n; i++) {
        args_add(it, a, v->arr->items[i].v);
        if (a->n)
            a->a[a->n - 1].name = v->arr->items[i].key;
    }
    if (v->arr->elem)
        args_add(it, a, v->arr->elem);
}

void eval_args(struct interp *it, uint32_t call, uint32_t first, struct args *a)
{
    args_init(a);
    for (uint32_t c = first; c && !it->cut; c = node_next(it->top->f, call, c)) {
        if (nd(it, c)->kind != E_ARG)
            continue;
        uint32_t e = kid(it, c, 0);
        const struct value *v = e ? ex(it, e) : v_unknown(it, NULL);
        if (nd(it, c)->flags & F_UNPACK) {
            args_spread(it, a, v);
            continue;
        }
        args_add(it, a, v);
        a->a[a->n - 1].name = nsym(it, c);
        a->a[a->n - 1].node = e;
    }
}

uint32_t first_arg_of(const struct interp *it, uint32_t call)
{
    for (uint32_t c = node_first(it->top->f, call); c; c = node_next(it->top->f, call, c))
        if (nd(it, c)->kind == E_ARG)
            return c;
    return 0;
}

const struct value *arg_at(const struct args *a, uint32_t i)
{
    return i < a->n ? a->a[i].v : NULL;
}

const struct value *arg_named(const struct args *a, uint32_t i, sym name)
{
    for (uint32_t k = 0; k < a->n && name; k++)
        if (a->a[k].name == name)
            return a->a[k].v;
    return i < a->n && !a->a[i].name ? a->a[i].v : NULL;
}

const struct value *arg_closure(const struct args *a)
{
    for (uint32_t i = 0; i < a->n; i++)
        if (v_is(a->a[i].v, V_CLOSURE))
            return a->a[i].v;
    return NULL;
}

/* --- parameters --- */

static const struct value *param_type(struct interp *it, uint32_t file, uint32_t param,
                                      uint32_t cls)
{
    const struct facts *f = it->app->files[file].facts;
    uint32_t last = node_last(f, param), type = 0;
    for (uint32_t c = node_first(f, param); c && c != last; c = node_next(f, param, c))
        type = c;
    return type ? from_type_node(it, file, type, cls) : NULL;
}

static const struct value *param_default(struct interp *it, uint32_t file, uint32_t param)
{
    uint32_t last = node_last(it->app->files[file].facts, param);
    if (!last || facts_node(it->app->files[file].facts, last)->kind == N_NULL)
        return NULL;
    return ex(it, last); /* the frame of the callee is on top */
}

/* A parameter's own type says more than an argument of which nothing is known. */
static const struct value *param_value(struct interp *it, struct frame *f, uint32_t param,
                                       uint32_t i, const struct args *args)
{
    sym name = f->syms[facts_node(f->f, param)->s];
    if (facts_node(f->f, param)->flags & F_VARIADIC) {
        const struct value *rest = NULL;
        for (uint32_t k = i; k < args->n; k++)
            rest = array_push(it, rest, args->a[k].v, true);
        return rest ? rest : v_unknown(it, NULL);
    }
    const struct value *v = arg_named(args, i, name);
    if (v && v->kind != V_UNKNOWN)
        return v;
    const struct value *t = param_type(it, f->file, param, f->cls);
    if ((!t || t->kind == V_UNKNOWN) && facts_node(f->f, f->body.node)->kind != E_CLOSURE &&
        facts_node(f->f, f->body.node)->kind != E_ARROW)
        t = from_doc(it, f->file, f->body.node, "@param", facts_str(f->f, facts_node(f->f, param)->s),
                     f->cls, (struct ref){ f->file, param });
    if (t && t->kind != V_UNKNOWN)
        return v ? v_varying(it, t, v->dep) : t;
    if (v)
        return v;
    v = param_default(it, f->file, param);
    if (v && (f->site.file == REF_NONE || args->cut) && (v->kind == V_SCALAR || v->kind == V_STR))
        v = v_flags(it, v, VF_MAYBE);
    return v ? v : v_unknown(it, NULL);
}

static void bind_params(struct interp *it, struct frame *f, uint32_t fn, const struct args *args)
{
    uint32_t i = 0;
    for (uint32_t c = node_first(f->f, fn); c; c = node_next(f->f, fn, c)) {
        if (facts_node(f->f, c)->kind != N_PARAM)
            continue;
        const struct value *v = param_value(it, f, c, i++, args);
        env_set(it, f->env, f->syms[facts_node(f->f, c)->s], v);
        if ((facts_node(f->f, c)->flags & F_PROMOTED) && v_is(f->self, V_OBJECT))
            object_set(it, f->self->obj, f->syms[facts_node(f->f, c)->s], v);
    }
}

/* --- results --- */

static const struct value *result_type(struct interp *it, const struct method *m,
                                       const struct value *got, uint32_t self_cls)
{
    const struct facts *f = it->app->files[m->at.file].facts;
    uint32_t ret = node_find(f, m->at.node, N_RET);
    const struct value *v =
        ret && node_first(f, ret) ? from_type_node(it, m->at.file, node_first(f, ret), self_cls)
                                  : NULL;
    if (!v || v->kind == V_UNKNOWN)
        v = from_doc(it, m->at.file, m->at.node, "@return", STR(""), self_cls, m->at);
    if (!v || v->kind == V_UNKNOWN)
        return got ? got : v_unknown(it, NULL);
    return got ? v_varying(it, v, got->dep) : v;
}

static uint64_t memo_key(const struct interp *it, struct ref at, const struct value *self,
                         const struct args *args)
{
    uint64_t h = hash_mix((uint64_t)at.file << 32 | at.node, v_hash(it, self, 0));
    for (uint32_t i = 0; i < args->n; i++)
        h = hash_mix(h, hash_mix(args->a[i].name, v_hash(it, args->a[i].v, 0)));
    struct loop *l = loop_now(it);
    if (it->includes)
        h = hash_mix(h, it->includes->hash);
    h = hash_mix(h, (uint64_t)(uintptr_t)l);
    return hash_mix(h, (uint64_t)it->tx.file << 32 | it->quiet);
}

static struct memo_slot *memo_find(struct memo_slot **table, uint64_t key)
{
    for (struct memo_slot *s = table[key % MEMO_BUCKETS]; s; s = s->next)
        if (s->key == key)
            return s;
    return NULL;
}

static struct memo_slot *memo_add(struct interp *it, uint64_t key)
{
    struct memo_slot *s = it_new(it, struct memo_slot);
    if (!s)
        return NULL;
    *s = (struct memo_slot){ .key = key, .next = it->memo[key % MEMO_BUCKETS] };
    return it->memo[key % MEMO_BUCKETS] = s;
}

static bool may_call(struct interp *it, struct ref body)
{
    if (it->cut)
        return false;
    if (it->depth > it->w->max_depth) {
        it->stats.cut_depth++;
        return false;
    }
    if (frame_count(it, body) >= 2) {
        it->stats.cut_recursion++;
        return false;
    }
    return true;
}

/* Only the first walk of a body with given values can report something new. */
static void mark_called(struct interp *it, const struct method *m)
{
    uint32_t cls = m->class_;
    if (cls == NO_CLASS || it->depth <= 1) /* the entry's own call */
        return;
    const struct class *c = &it->app->classes[cls];
    if (m >= c->methods && m < c->methods + c->nmethods)
        __atomic_store_n(&it->w->called[it->w->method_base[cls] + (uint32_t)(m - c->methods)], 1,
                         __ATOMIC_RELAXED);
}

const struct value *call_method(struct interp *it, const struct method *m, const struct value *self,
                                const struct args *args, struct ref site, uint8_t role)
{
    const struct facts *facts = it->app->files[m->at.file].facts;
    uint32_t block = node_find(facts, m->at.node, S_BLOCK);
    uint32_t self_cls = self && self->cls != NO_CLASS ? self->cls : m->class_;
    if (!block || !may_call(it, m->at))
        return result_type(it, m, v_unknown(it, args->dep), self_cls);
    uint64_t key = memo_key(it, m->at, self, args);
    struct memo_slot *slot = memo_find(it->memo, key);
    if (slot) {
        it->stats.memo_hits++;
        return slot->v ? slot->v : v_unknown(it, args->dep);
    }
    slot = memo_add(it, key);
    mark_called(it, m);
    it->stats.inlined++;
    struct frame f;
    frame_push(it, &f, m->at.file, m->class_, self, site, m->at, role);
    bind_params(it, &f, m->at.node, args);
    st_block(it, block);
    const struct value *v = f.ret;
    if (f.yields)
        v = array_push(it, v_is(v, V_ARRAY) ? v : NULL, f.yields, false);
    frame_pop(it, &f);
    if (!v || v->kind == V_UNKNOWN)
        v = result_type(it, m, v ? v : v_unknown(it, NULL), self_cls);
    if (slot)
        slot->v = v;
    return v;
}

/* --- closures --- */

/* What a closure captured by reference is changed in the function that made it, if that is who calls. */
static void flow_back(struct interp *it, const struct closure *c, const struct frame *f)
{
    const struct frame *up = f->up;
    if (!up || up->file != c->file || up->body.node != c->made_in.node)
        return;
    for (uint32_t u = node_first(f->f, c->node); u; u = node_next(f->f, c->node, u))
        if (facts_node(f->f, u)->kind == E_USE && (facts_node(f->f, u)->flags & F_BYREF)) {
            sym s = f->syms[facts_node(f->f, u)->s];
            const struct value *v = env_get(f->env, s);
            if (v)
                env_set(it, up->env, s, v);
        }
}

static const struct value *call_body(struct interp *it, const struct closure *c,
                                     const struct args *args, struct ref site)
{
    struct ref body = { c->file, c->node };
    if (!may_call(it, body))
        return v_unknown(it, args->dep);
    struct frame f;
    frame_push(it, &f, c->file, c->cls, c->self, site, body, STEP_CALL);
    f.env = env_copy(it, c->env);
    bind_params(it, &f, c->node, args);
    const struct value *v;
    uint32_t last = node_last(f.f, c->node);
    if (facts_node(f.f, c->node)->kind == E_ARROW) {
        v = last ? ex(it, last) : NULL;
    } else {
        if (last && facts_node(f.f, last)->kind == S_BLOCK)
            st_block(it, last);
        v = f.yields ? array_push(it, NULL, f.yields, false) : f.ret;
        flow_back(it, c, &f);
    }
    frame_pop(it, &f);
    return v ? v : v_unknown(it, args->dep);
}

const struct value *call_closure(struct interp *it, const struct value *fn, const struct args *args,
                                 struct ref site)
{
    if (!v_is(fn, V_CLOSURE) || it->cut)
        return v_unknown(it, args->dep);
    const struct closure *c = fn->fn;
    if (c->fn)
        return call_method(it, c->fn, NULL, args, site, STEP_CALL);
    if (c->method)
        return c->self ? method_call(it, c->self, c->method,
                                     it->top && site.file == it->top->file ? site.node : 0, args)
                       : v_unknown(it, args->dep);
    return c->file == REF_NONE ? v_unknown(it, args->dep) : call_body(it, c, args, site);
}

const struct value *call_closure1(struct interp *it, const struct value *fn,
                                  const struct value *arg, struct ref site)
{
    struct args a;
    args_init(&a);
    args_add(it, &a, arg);
    return call_closure(it, fn, &a, site);
}

/* Runs a closure for each row, as map and each do. */
const struct value *call_each(struct interp *it, const struct value *fn, const struct value *rows,
                              struct ref site, bool row_second)
{
    if (v_is(rows, V_ARRAY) && rows->arr->literal && !rows->arr->elem && rows->arr->n == 1 && !row_second)
        return call_closure1(it, fn, rows->arr->items[0].v, site); /* [$row]: no loop */
    uint32_t views = it->nviews;
    struct loop *loop = loop_push(it, site, rows->dep);
    if (!loop)
        return v_unknown(it, NULL);
    loop->few = few_of(rows) || (v_is(rows, V_ARRAY) && rows->arr->literal && !rows->arr->elem &&
                                 rows->arr->n <= 12);
    struct args a;
    args_init(&a);
    if (row_second)
        args_add(it, &a, v_unknown(it, loop));
    args_add(it, &a, elem_of(it, rows, loop));
    if (!row_second)
        args_add(it, &a, v_scalar(it, loop));
    const struct value *v = call_closure(it, fn, &a, site);
    views_flush(it, views);
    loop_pop(it, loop);
    return v;
}

const struct value *eval_elsewhere(struct interp *it, uint32_t file, uint32_t cls, uint32_t node)
{
    struct ref body = { file, node };
    if (!may_call(it, body))
        return v_unknown(it, NULL);
    struct frame f;
    struct ref site = it->top ? it->top->site : (struct ref){ REF_NONE, 0 };
    frame_push(it, &f, file, cls, NULL, site, body, STEP_CALL);
    const struct value *v = ex(it, node);
    frame_pop(it, &f);
    return v;
}
