/* Expressions to abstract values. */
#include "laravel/interp.h"

static const struct value *ex_kids(struct interp *it, uint32_t n)
{
    struct loop *dep = NULL;
    for (uint32_t c = node_first(it->top->f, n); c && !it->cut; c = node_next(it->top->f, n, c))
        if (nd(it, c)->kind >= E_VAR)
            dep = dep_max(it, dep, ex(it, c)->dep);
    return v_scalar(it, dep);
}

static const struct value *ex_var(struct interp *it, uint32_t n)
{
    if (!nd(it, n)->s) {
        if (node_first(it->top->f, n))
            ex(it, node_first(it->top->f, n));
        return v_unknown(it, NULL);
    }
    sym s = nsym(it, n);
    const struct value *v = s == it->w->s_this && it->top->self ? it->top->self
                                                                 : env_get(it->top->env, s);
    return v ? v : v_unknown(it, NULL);
}

/* --- text: unknown parts stand as '*' --- */

static void text_part(struct interp *it, struct buf *b, const struct value *v, bool *partial)
{
    if (v->kind == V_STR) {
        buf_add(b, v->s.p, v->s.n);
        *partial = *partial || v->flags & VF_PARTIAL;
        return;
    }
    if (v->kind == V_SCALAR && v->name == 1) {
        buf_add(b, v->s.p, v->s.n);
        return;
    }
    *partial = true;
    buf_addc(b, '*');
}

static const struct value *text_value(struct interp *it, struct buf *b, bool partial,
                                      struct loop *dep)
{
    char *p = arena_strndup(it->a, b->p ? b->p : "", b->n);
    if (!p || b->failed)
        return v_scalar(it, dep);
    return v_str(it, (struct str){ p, (uint32_t)b->n }, partial ? VF_PARTIAL : 0, dep);
}

static const struct value *ex_text(struct interp *it, uint32_t n)
{
    auto_buf b = BUF_INIT(4096);
    bool partial = false;
    struct loop *dep = NULL;
    for (uint32_t c = node_first(it->top->f, n); c && !it->cut; c = node_next(it->top->f, n, c)) {
        const struct value *v = ex(it, c);
        dep = dep_max(it, dep, v->dep);
        text_part(it, &b, v, &partial);
    }
    return text_value(it, &b, partial, dep);
}

/* --- arrays --- */

static const struct value *array_item(struct interp *it, const struct value *arr, uint32_t item)
{
    const struct node *n = nd(it, item);
    uint32_t first = kid(it, item, 0);
    if (n->kind != E_ITEM || !first)
        return arr;
    if (n->flags & F_UNPACK) {
        const struct value *more = ex(it, first);
        if (v_is(more, V_ARRAY))
            return array_merge(it, arr, more);
        return array_push(it, arr, elem_of(it, more, more->dep), false);
    }
    if (!(n->flags & F_HAS_KEY))
        return array_push(it, arr, ex(it, first), true);
    uint32_t value = kid(it, item, 1);
    const struct value *key = ex(it, first), *v = ex(it, value);
    if (key->kind == V_STR && !(key->flags & VF_PARTIAL)) {
        sym k = syms_find(it->app->syms, key->s);
        if (k) {
            validation_item(it, k, v, value);
            return array_with(it, arr, k, v);
        }
    }
    return array_push(it, arr, v, false);
}

static const struct value *ex_array(struct interp *it, uint32_t n)
{
    struct array *a = it_new(it, struct array);
    const struct value *arr = v_array(it, a, NULL);
    if (!a)
        return arr;
    a->literal = true;
    for (uint32_t c = node_first(it->top->f, n); c && !it->cut; c = node_next(it->top->f, n, c)) {
        arr = array_item(it, arr, c);
        if (!v_is(arr, V_ARRAY))
            return arr;
    }
    struct array *copy = it_new(it, struct array);
    if (!copy)
        return arr;
    *copy = *arr->arr;
    copy->literal = !copy->elem;
    return v_array(it, copy, NULL);
}

static const struct value *index_of(struct interp *it, const struct value *base,
                                    const struct value *key)
{
    struct loop *dep = dep_max(it, base->dep, key ? key->dep : NULL);
    if (base->kind == V_ARRAY) {
        const struct value *v = NULL;
        if (key && key->kind == V_STR) {
            sym k = syms_find(it->app->syms, key->s);
            v = k ? array_get(base, k) : NULL;
        } else if (key && key->kind == V_SCALAR && key->name == 1 && key->s.n == 1) {
            v = array_nth(base, (uint32_t)(key->s.p[0] - '0'));
        }
        if (!v && (!key || !v_is_const(key) || base->arr->elem))
            v = key && v_is_const(key) ? base->arr->elem : elem_of(it, base, dep);
        return v ? v_varying(it, v, dep) : v_unknown(it, dep);
    }
    if (base->kind == V_COLL)
        return elem_of(it, base, dep);
    if (base->kind == V_MODEL && key && key->kind == V_STR) {
        sym k = syms_find(it->app->syms, key->s);
        return k ? model_prop(it, base, k, 0) : v_scalar(it, dep);
    }
    if (base->kind == V_UNION) {
        const struct value *r = NULL;
        for (uint32_t i = 0; i < base->u.n; i++)
            r = v_join(it, r, index_of(it, base->u.m[i], key));
        return r ? r : v_unknown(it, dep);
    }
    return v_unknown(it, dep);
}

static const struct value *ex_index(struct interp *it, uint32_t n)
{
    uint32_t b = kid(it, n, 0), k = kid(it, n, 1);
    const struct value *base = ex(it, b);
    return index_of(it, base, k && nd(it, k)->kind != N_NULL ? ex(it, k) : NULL);
}

/* --- assignment --- */

static void assign_list(struct interp *it, uint32_t target, const struct value *v)
{
    uint32_t i = 0;
    for (uint32_t c = node_first(it->top->f, target); c; c = node_next(it->top->f, target, c)) {
        if (nd(it, c)->kind == E_ITEM) {
            bool keyed = nd(it, c)->flags & F_HAS_KEY;
            const struct value *key = keyed ? ex(it, kid(it, c, 0)) : NULL, *part = NULL;
            if (v_is(v, V_ARRAY) && !keyed)
                part = array_nth(v, i);
            else if (keyed)
                part = index_of(it, v, key);
            if (!part)
                part = v_is(v, V_ARRAY) && v->arr->elem ? v->arr->elem : v_unknown(it, v->dep);
            assign(it, kid(it, c, keyed ? 1 : 0), part);
        }
        i++;
    }
}

static void assign_index(struct interp *it, uint32_t target, const struct value *v)
{
    uint32_t base = kid(it, target, 0), k = kid(it, target, 1);
    const struct value *old = ex(it, base);
    const struct value *key = k && nd(it, k)->kind != N_NULL ? ex(it, k) : NULL;
    const struct value *arr = v_is(old, V_ARRAY) ? old : NULL;
    if (old->kind == V_COLL || old->kind == V_MODEL || old->kind == V_OBJECT)
        return;
    sym s = key && key->kind == V_STR && !(key->flags & VF_PARTIAL)
                ? syms_find(it->app->syms, key->s)
                : 0;
    assign(it, base, s ? array_with(it, arr, s, v) : array_push(it, arr, v, !key && !it->loop));
}

static void assign_prop(struct interp *it, uint32_t target, const struct value *v)
{
    if (!nd(it, target)->s) {
        ex_kids(it, target);
        return;
    }
    const struct value *base = ex(it, target + 1);
    const struct value *const *m;
    uint32_t n = v_members(&base, &m);
    for (uint32_t i = 0; i < n; i++)
        if (m[i]->kind == V_MODEL && m[i]->o) /* an attribute of that name goes before the relation */
            eager_path(it, m[i]->o, path_child(it, m[i]->path, nsym(it, target)));
        else if (m[i]->kind == V_OBJECT)
            object_set(it, m[i]->obj, nsym(it, target),
                       n > 1 ? v_join(it, object_get(m[i]->obj, nsym(it, target)), v) : v);
}

void assign(struct interp *it, uint32_t target, const struct value *v)
{
    if (!it_step(it))
        return;
    switch ((enum node_kind)nd(it, target)->kind) {
    case E_VAR:
        env_set(it, it->top->env, nsym(it, target), v);
        return;
    case E_ARRAY:
        assign_list(it, target, v);
        return;
    case E_ITEM:
        assign(it, kid(it, target, 0), v);
        return;
    case E_INDEX:
        assign_index(it, target, v);
        return;
    case E_PROP:
        assign_prop(it, target, v);
        return;
    case E_SPROP:
        if (nd(it, target + 1)->kind == E_NAME)
            static_set(it, target, v);
        return;
    default:
        return;
    }
}

static const struct value *ex_assign(struct interp *it, uint32_t n)
{
    const struct value *v = ex(it, kid(it, n, 1));
    assign(it, n + 1, v);
    return v;
}

static const struct value *ex_assign_op(struct interp *it, uint32_t n)
{
    uint32_t target = n + 1, value = kid(it, n, 1);
    const struct value *old = ex(it, target);
    if (nd(it, n)->op == OP_COALESCE) {
        uint32_t floor = it->floor;
        if (memo_place(it, target))
            memo_enter(it);
        const struct value *v = ex(it, value);
        memo_leave(it, floor);
        v = v_join(it, old, v);
        assign(it, target, v);
        return v;
    }
    const struct value *more = ex(it, value), *v;
    struct loop *dep = dep_max(it, old->dep, more->dep);
    if (nd(it, n)->op == OP_ADD && v_is(old, V_ARRAY))
        v = array_merge(it, old, more);
    else
        v = v_scalar(it, dep);
    assign(it, target, v);
    return v;
}

/* --- operators --- */

static const struct value *ex_coalesce(struct interp *it, uint32_t n)
{
    uint32_t l = kid(it, n, 0), r = kid(it, n, 1), floor = it->floor;
    if (cond_isset(it, l) == 1)
        return v_scalar(it, ex(it, l)->dep);
    const struct value *a = ex(it, l);
    if (a->kind == V_ARRAY || a->kind == V_COLL || a->kind == V_BUILDER)
        return a;
    if (memo_place(it, l) && assigns_to(it->top->f, r, l))
        memo_enter(it);
    const struct value *b = ex(it, r);
    memo_leave(it, floor);
    return v_join(it, a, b);
}

static const struct value *ex_binary(struct interp *it, uint32_t n)
{
    switch ((enum op)nd(it, n)->op) {
    case OP_COALESCE:
        return ex_coalesce(it, n);
    case OP_CONCAT:
        return ex_text(it, n);
    case OP_AND:
    case OP_OR: {
        const struct value *l = ex(it, kid(it, n, 0));
        int known = cond_known(it, kid(it, n, 0));
        bool skip = nd(it, n)->op == OP_AND ? known == 0 : known == 1;
        return skip ? v_scalar(it, l->dep)
                    : v_scalar(it, dep_max(it, l->dep, ex(it, kid(it, n, 1))->dep));
    }
    default: {
        const struct value *l = ex(it, kid(it, n, 0)), *r = ex(it, kid(it, n, 1));
        if (nd(it, n)->op == OP_ADD && v_is(l, V_ARRAY) && v_is(r, V_ARRAY))
            return array_merge(it, r, l);
        return v_scalar(it, dep_max(it, l->dep, r->dep));
    }
    }
}

static const struct value *ex_ternary(struct interp *it, uint32_t n)
{
    uint32_t cond = kid(it, n, 0), then = kid(it, n, 1), other = kid(it, n, 2);
    int known = cond_known(it, cond);
    const struct value *c = ex(it, cond), *a = NULL, *b = NULL;
    if (known != 0)
        a = nd(it, then)->kind == N_NULL ? c : ex(it, then);
    if (known != 1)
        b = ex(it, other);
    const struct value *v = v_join(it, a, b);
    return v ? v : v_unknown(it, NULL);
}

static const struct value *ex_match(struct interp *it, uint32_t n)
{
    ex(it, kid(it, n, 0));
    const struct value *v = NULL;
    for (uint32_t c = node_next(it->top->f, n, n + 1); c && !it->cut;
         c = node_next(it->top->f, n, c)) {
        if (nd(it, c)->kind != E_ARM)
            continue;
        uint32_t last = node_last(it->top->f, c);
        for (uint32_t x = node_first(it->top->f, c); x && x != last;
             x = node_next(it->top->f, c, x))
            ex(it, x);
        v = v_join(it, v, ex(it, last));
    }
    return v ? v : v_unknown(it, NULL);
}

static const struct value *ex_cast(struct interp *it, uint32_t n)
{
    const struct value *v = ex(it, n + 1);
    enum name to = name_of(it, nsym(it, n));
    if (to == NM_array || to == NM_object)
        return v;
    return v->kind == V_STR || (v->kind == V_SCALAR && v->name) ? v : v_scalar(it, v->dep);
}

static const struct value *ex_clone(struct interp *it, uint32_t n)
{
    const struct value *v = ex(it, n + 1);
    if (!v_is(v, V_BUILDER))
        return v;
    struct origin *o = origin_copy(it, v->o);
    return o ? v_flags(it, v_rows(it, V_BUILDER, v->cls, o, v->path, v->dep), v->flags) : v;
}

/* --- closures --- */

static struct env *captured(struct interp *it, uint32_t n)
{
    if (nd(it, n)->kind == E_ARROW)
        return env_copy(it, it->top->env);
    struct env *e = env_new(it);
    for (uint32_t c = node_first(it->top->f, n); c; c = node_next(it->top->f, n, c))
        if (nd(it, c)->kind == E_USE) {
            const struct value *v = env_get(it->top->env, nsym(it, c));
            env_set(it, e, nsym(it, c), v ? v : v_unknown(it, NULL));
        }
    return e;
}

static const struct value *ex_closure(struct interp *it, uint32_t n)
{
    struct closure *c = it_new(it, struct closure);
    if (!c)
        return v_unknown(it, NULL);
    *c = (struct closure){ .file = it->top->file, .node = n, .cls = it->top->cls,
                           .env = captured(it, n), .self = it->top->self,
                           .made_in = it->top->body };
    return v_closure(it, c);
}

/* --- constants and static properties --- */

static const struct value *ex_class_const(struct interp *it, uint32_t n)
{
    uint32_t c = n + 1;
    if (nd(it, c)->kind != E_NAME) {
        const struct value *v = ex(it, c);
        if (v->kind == V_MODEL || v->kind == V_OBJECT)
            return v_class(it, v->cls, v->cls == NO_CLASS ? 0 : it->app->classes[v->cls].name);
        return v_unknown(it, v->dep);
    }
    sym name = nsym(it, c);
    uint32_t cls = class_here(it, name);
    if (name_of(it, nsym(it, n)) == NM_class)
        return v_class(it, cls, cls == NO_CLASS ? name : it->app->classes[cls].name);
    return class_const(it, cls, nsym(it, n));
}

static const struct value *ex_const(struct interp *it, uint32_t n)
{
    if (str_ieq(it_str(it, nsym(it, n)), STR("null")))
        return v_null();
    return v_literal(it, nsym(it, n));
}

static const struct value *ex_yield(struct interp *it, uint32_t n)
{
    const struct value *v = NULL;
    for (uint32_t c = node_first(it->top->f, n); c; c = node_next(it->top->f, n, c))
        v = ex(it, c);
    if (v)
        it->top->yields = v_join(it, it->top->yields, v);
    return v_unknown(it, NULL);
}

static const struct value *ex_prop(struct interp *it, uint32_t n)
{
    bool of_this = nd(it, n + 1)->kind == E_VAR && nsym(it, n + 1) == it->w->s_this;
    const struct value *v = of_this ? volt_prop(it, nsym(it, n), here(it, n)) : NULL;
    return v ? v : prop_read(it, ex(it, n + 1), nsym(it, n), n);
}

static const struct value *ex_dispatch(struct interp *it, uint32_t n)
{
    switch ((enum node_kind)nd(it, n)->kind) {
    case E_VAR:
        return ex_var(it, n);
    case E_INT:
    case E_FLOAT:
        return v_literal(it, nsym(it, n));
    case E_STR:
        return v_str(it, it_str(it, nsym(it, n)), 0, NULL);
    case E_INTERP:
        return ex_text(it, n);
    case E_ARRAY:
        return ex_array(it, n);
    case E_INDEX:
        return ex_index(it, n);
    case E_PROP:
        if (!nd(it, n)->s)
            return ex_kids(it, n);
        return ex_prop(it, n);
    case E_SPROP:
        return static_get(it, n);
    case E_CCONST:
        return ex_class_const(it, n);
    case E_CONST:
        return ex_const(it, n);
    case E_CALL:
        return ex_function(it, n);
    case E_MCALL:
        return ex_method(it, n);
    case E_SCALL:
        return ex_static(it, n);
    case E_NEW:
        return ex_new(it, n);
    case E_CLOSURE:
    case E_ARROW:
        return ex_closure(it, n);
    case E_ASSIGN:
        return ex_assign(it, n);
    case E_ASSIGN_OP:
        return ex_assign_op(it, n);
    case E_BIN:
        return ex_binary(it, n);
    case E_CAST:
        return ex_cast(it, n);
    case E_TERNARY:
        return ex_ternary(it, n);
    case E_MATCH:
        return ex_match(it, n);
    case E_CLONE:
        return ex_clone(it, n);
    case E_SILENCE:
        return kid(it, n, 0) ? ex(it, kid(it, n, 0)) : v_unknown(it, NULL);
    case E_YIELD:
        return ex_yield(it, n);
    case E_EXIT:
    case E_THROW:
        ex_kids(it, n);
        return v_unknown(it, NULL);
    case E_BLADE:
        blade(it, n);
        return v_unknown(it, NULL);
    default:
        return ex_kids(it, n);
    }
}

const struct value *ex(struct interp *it, uint32_t n)
{
    if (!it_step(it) || it->nest > WALK_NEST)
        return v_unknown(it, NULL);
    it->nest++;
    const struct value *v = ex_dispatch(it, n);
    it->nest--;
    return v ? v : v_unknown(it, NULL);
}
