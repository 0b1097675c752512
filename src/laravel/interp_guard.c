/* Conditions that say whether a relation or a count is there already: they choose the branch. */
#include "laravel/interp.h"

static const struct value *row_behind(struct interp *it, const struct value *v)
{
    if (v_is(v, V_OBJECT)) {
        const struct value *r = object_get(v->obj, it->w->s_resource);
        return v_is(r, V_MODEL) ? r : NULL;
    }
    return v_is(v, V_MODEL) ? v : NULL;
}

static bool named_as_count(struct str s)
{
    return str_ends(s, "_count") || str_ends(s, "_exists") || str_contains(s, "_sum_") ||
           str_contains(s, "_max_") || str_contains(s, "_min_") || str_contains(s, "_avg_");
}

static int count_known(struct interp *it, const struct value *v, sym alias)
{
    const struct value *row = row_behind(it, v);
    if (!row || !row->o || row->o->kind == O_PARAM)
        return -1;
    if (count_has(row->o, row->path, alias))
        return 1;
    return named_as_count(it_str(it, alias)) && !row->o->unread_eager ? 0 : -1;
}

static int loaded_known(struct interp *it, const struct value *v, sym relation)
{
    const struct value *row = row_behind(it, v);
    if (!row || !relation)
        return -1;
    if (row->o && row->o->unread_eager)
        return -1;
    return model_loaded(it, row, relation) ? 1 : row->o || row->cls != NO_CLASS ? 0 : -1;
}

/* $x->attributes['k'], $x->relations['k'] */
static int index_known(struct interp *it, uint32_t node)
{
    uint32_t base = kid(it, node, 0), key = kid(it, node, 1);
    if (nd(it, base)->kind != E_PROP || !key || nd(it, key)->kind != E_STR)
        return -1;
    enum name list = name_of(it, nsym(it, base));
    if (list == NM_attributes)
        return count_known(it, ex(it, base + 1), nsym(it, key));
    if (list == NM_relations)
        return loaded_known(it, ex(it, base + 1), nsym(it, key));
    return -1;
}

int cond_isset(struct interp *it, uint32_t node)
{
    if (nd(it, node)->kind == E_INDEX)
        return index_known(it, node);
    if (nd(it, node)->kind == E_PROP && nd(it, node)->s)
        return count_known(it, ex(it, node + 1), nsym(it, node));
    return -1;
}

static sym literal_arg(struct interp *it, uint32_t call, unsigned nth)
{
    uint32_t arg = kid(it, call, nth), v = arg ? kid(it, arg, 0) : 0;
    return v && nd(it, v)->kind == E_STR ? nsym(it, v) : 0;
}

static int key_exists_known(struct interp *it, uint32_t call)
{
    sym key = literal_arg(it, call, 1);
    uint32_t arg = kid(it, call, 2), map = arg ? kid(it, arg, 0) : 0;
    if (!key || !map || !nd(it, map)->s)
        return -1;
    if (nd(it, map)->kind == E_PROP && name_of(it, nsym(it, map)) == NM_attributes)
        return count_known(it, ex(it, map + 1), key);
    if (nd(it, map)->kind == E_MCALL && name_of(it, nsym(it, map)) == NM_getattributes)
        return count_known(it, ex(it, map + 1), key);
    if (nd(it, map)->kind == E_MCALL && name_of(it, nsym(it, map)) == NM_getrelations)
        return loaded_known(it, ex(it, map + 1), key);
    return -1;
}

static int negate(int k)
{
    return k < 0 ? k : !k;
}

/* --- what kind of thing a variable holds --- */

/* Only a declaration says what it is: then it may be something else. */
static bool only_declared(const struct value *v)
{
    switch ((enum vkind)v->kind) {
    case V_MODEL:
    case V_COLL:
    case V_BUILDER:
        return !v->o || v->o->kind == O_PARAM;
    case V_OBJECT:
        return v->obj->from_type || !v->obj->built;
    default:
        return v->flags & VF_MAYBE;
    }
}

static int text_known(const struct value *v)
{
    switch ((enum vkind)v->kind) {
    case V_STR:
    case V_CLASS:
        return 1;
    case V_MODEL:
    case V_COLL:
    case V_BUILDER:
    case V_OBJECT:
    case V_CLOSURE:
    case V_ARRAY:
        return 0;
    default:
        return -1;
    }
}

static int object_known(const struct value *v)
{
    switch ((enum vkind)v->kind) {
    case V_STR:
        return 0;
    case V_MODEL:
    case V_BUILDER:
    case V_OBJECT:
    case V_CLOSURE:
        return 1;
    default:
        return -1;
    }
}

static int kind_known(struct interp *it, enum name test, uint32_t arg)
{
    uint32_t node = arg ? kid(it, arg, 0) : 0;
    const struct value *v = node && nd(it, node)->kind == E_VAR && nd(it, node)->s ? ex(it, node) : NULL;
    if (!v || only_declared(v))
        return -1;
    if (test == NM_is_string)
        return text_known(v);
    int object = object_known(v);
    return test == NM_is_object ? object : object == 1 || v->kind == V_STR ? 0 : -1;
}

/* --- constants that a caller gives --- */

static bool is_given(const struct interp *it, sym name)
{
    bool view = it->top->role == STEP_VIEW && it->top->body.node == 0;
    return view || frame_param(it, name);
}

static bool is_written(const struct interp *it, sym name)
{
    const struct facts *f = it->top->f;
    uint32_t end = facts_node(f, it->top->body.node)->skip;
    for (uint32_t i = it->top->body.node; i + 1 < end; i++) {
        uint8_t kind = facts_node(f, i)->kind;
        const struct node *t = facts_node(f, i + 1);
        if ((kind == E_ASSIGN || kind == E_ASSIGN_OP || kind == E_INCDEC) && t->kind == E_VAR &&
            it->top->syms[t->s] == name)
            return true;
    }
    return false;
}

/* The literal that a parameter, or a variable of a view, was given; NULL: it is not known or changes. */
static const struct value *given_literal(struct interp *it, uint32_t node)
{
    if (nd(it, node)->kind != E_VAR || !nd(it, node)->s)
        return NULL;
    sym name = nsym(it, node);
    const struct value *v = env_get(it->top->env, name);
    bool literal = v && !(v->flags & (VF_MAYBE | VF_PARTIAL)) &&
                   ((v->kind == V_SCALAR && v->name == 1) || v->kind == V_STR);
    return literal && is_given(it, name) && !is_written(it, name) ? v : NULL;
}

static int truth(const struct value *v)
{
    if (v->kind == V_STR)
        return v->s.n && !str_is(v->s, "0");
    if (str_ieq(v->s, STR("true")))
        return 1;
    if (str_ieq(v->s, STR("false")) || str_is(v->s, "0"))
        return 0;
    return v->s.n && v->s.p[0] >= '1' && v->s.p[0] <= '9' ? 1 : -1;
}

static int equal_known(struct interp *it, uint32_t l, uint32_t r)
{
    const struct value *a = given_literal(it, l);
    uint8_t kind = nd(it, r)->kind;
    if (!a || (kind != E_CONST && kind != E_INT && kind != E_STR))
        return -1;
    const struct value *b = ex(it, r);
    if (a->kind != b->kind || (b->kind == V_SCALAR && !b->name))
        return -1;
    if (a->kind == V_STR)
        return str_eq(a->s, b->s);
    int x = truth(a), y = truth(b);
    return str_ieq(a->s, b->s) ? 1 : x >= 0 && y >= 0 && x != y ? 0 : -1;
}

/* `$x ?? false` where nobody gave the view an $x */
static int absent_known(struct interp *it, uint32_t l, uint32_t r)
{
    bool absent = it->top->role == STEP_VIEW && it->top->body.node == 0 && nd(it, l)->kind == E_VAR &&
                  nd(it, l)->s && !env_get(it->top->env, nsym(it, l)) && !is_written(it, nsym(it, l));
    return absent ? cond_known(it, r) : -1;
}

static bool is_null_const(struct interp *it, uint32_t node)
{
    return nd(it, node)->kind == E_CONST && str_ieq(it_str(it, nsym(it, node)), STR("null"));
}

static int binary_known(struct interp *it, uint32_t node)
{
    uint32_t l = kid(it, node, 0), r = kid(it, node, 1);
    switch ((enum op)nd(it, node)->op) {
    case OP_AND: {
        int a = cond_known(it, l), b = cond_known(it, r);
        return a == 0 || b == 0 ? 0 : a == 1 && b == 1 ? 1 : -1;
    }
    case OP_OR: {
        int a = cond_known(it, l), b = cond_known(it, r);
        return a == 1 || b == 1 ? 1 : a == 0 && b == 0 ? 0 : -1;
    }
    case OP_IDENT:
    case OP_EQ:
        return is_null_const(it, r) ? negate(cond_isset(it, l)) : equal_known(it, l, r);
    case OP_NIDENT:
    case OP_NE:
        return is_null_const(it, r) ? cond_isset(it, l) : negate(equal_known(it, l, r));
    case OP_COALESCE:
        return absent_known(it, l, r);
    default:
        return -1;
    }
}

int cond_known(struct interp *it, uint32_t node)
{
    const struct node *n = nd(it, node);
    if (it->nest > WALK_NEST)
        return -1;
    switch ((enum node_kind)n->kind) {
    case E_VAR: {
        const struct value *v = given_literal(it, node);
        return v ? truth(v) : -1;
    }
    case E_CONST:
        return str_ieq(it_str(it, nsym(it, node)), STR("true"))    ? 1
               : str_ieq(it_str(it, nsym(it, node)), STR("false")) ? 0
                                                                   : -1;
    case E_UN:
        return n->op == OP_NOT ? negate(cond_known(it, node + 1)) : -1;
    case E_BIN:
        return binary_known(it, node);
    case E_ISSET:
        return kid(it, node, 0) ? cond_isset(it, kid(it, node, 0)) : -1;
    case E_EMPTY:
        return kid(it, node, 0) && cond_isset(it, kid(it, node, 0)) == 0 ? 1 : -1;
    case E_MCALL:
        if (n->s && name_of(it, nsym(it, node)) == NM_relationloaded)
            return loaded_known(it, ex(it, node + 1), literal_arg(it, node, 1));
        return -1;
    case E_CALL:
        if (nd(it, node + 1)->kind != E_NAME)
            return -1;
        switch (name_of(it, nsym(it, node + 1))) {
        case NM_is_string:
        case NM_is_array:
        case NM_is_object:
            return kind_known(it, name_of(it, nsym(it, node + 1)), kid(it, node, 1));
        default:
            break;
        }
        if (name_of(it, nsym(it, node + 1)) == NM_array_key_exists)
            return key_exists_known(it, node);
        if (name_of(it, nsym(it, node + 1)) == NM_is_null && kid(it, node, 1))
            return negate(cond_isset(it, kid(it, kid(it, node, 1), 0)));
        return -1;
    default:
        return -1;
    }
}
