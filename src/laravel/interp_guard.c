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
        return is_null_const(it, r) ? negate(cond_isset(it, l)) : -1;
    case OP_NIDENT:
    case OP_NE:
        return is_null_const(it, r) ? cond_isset(it, l) : -1;
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
        if (name_of(it, nsym(it, node + 1)) == NM_array_key_exists)
            return key_exists_known(it, node);
        if (name_of(it, nsym(it, node + 1)) == NM_is_null && kid(it, node, 1))
            return negate(cond_isset(it, kid(it, kid(it, node, 1), 0)));
        return -1;
    default:
        return -1;
    }
}
