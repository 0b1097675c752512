#include "laravel/app_ast.h"

#include "laravel/app_text.h"

bool src_is(const struct src *s, uint32_t node, uint8_t kind, const char *name)
{
    return node && src_kind(s, node) == kind && (!name || str_ieq(src_str(s, node), str_c(name)));
}

bool src_is_this(const struct src *s, uint32_t node)
{
    return src_is(s, node, E_VAR, "this");
}

uint32_t src_arg(const struct src *s, uint32_t call, unsigned nth, const char *name)
{
    unsigned at = 0;
    for EACH_CHILD (s, call, c) {
        const struct node *n = src_node(s, c);
        if (n->kind != E_ARG)
            continue;
        if (n->s) {
            if (name && str_is(src_str(s, c), name))
                return node_first(s->f, c);
            continue;
        }
        if (n->flags & F_UNPACK)
            return 0;
        if (at++ == nth)
            return node_first(s->f, c);
    }
    return 0;
}

unsigned src_nargs(const struct src *s, uint32_t call)
{
    unsigned n = 0;
    for EACH_CHILD (s, call, c)
        n += src_kind(s, c) == E_ARG;
    return n;
}

uint32_t src_item_key(const struct src *s, uint32_t item)
{
    return src_node(s, item)->flags & F_HAS_KEY ? node_first(s->f, item) : 0;
}

uint32_t src_item_value(const struct src *s, uint32_t item)
{
    if (src_kind(s, item) != E_ITEM)
        return 0;
    uint32_t first = node_first(s->f, item);
    return first && src_node(s, item)->flags & F_HAS_KEY ? node_next(s->f, item, first) : first;
}

uint32_t src_item(const struct src *s, uint32_t array, const char *key)
{
    if (!array || src_kind(s, array) != E_ARRAY)
        return 0;
    for EACH_CHILD (s, array, c) {
        if (src_kind(s, c) == E_ITEM && src_is(s, src_item_key(s, c), E_STR, key))
            return src_item_value(s, c);
    }
    return 0;
}

uint32_t src_body(const struct src *s, uint32_t function)
{
    if (src_kind(s, function) == E_ARROW)
        return node_last(s->f, function);
    return node_find(s->f, function, S_BLOCK);
}

/* The two last children of a property or parameter are its type and its default, N_NULL where
 * absent. */
static uint32_t last_but(const struct src *s, uint32_t decl, bool type)
{
    uint32_t before = 0, last = 0;
    for EACH_CHILD (s, decl, c) {
        before = last;
        last = c;
    }
    uint32_t at = type ? before : last;
    return at && src_kind(s, at) != N_NULL ? at : 0;
}

uint32_t src_default(const struct src *s, uint32_t decl)
{
    return last_but(s, decl, false);
}

uint32_t src_type(const struct src *s, uint32_t decl)
{
    return last_but(s, decl, true);
}

uint32_t src_param(const struct src *s, uint32_t function, unsigned nth)
{
    unsigned at = 0;
    for EACH_CHILD (s, function, c) {
        if (src_kind(s, c) == N_PARAM && at++ == nth)
            return c;
    }
    return 0;
}

struct str src_doc(const struct src *s, uint32_t decl)
{
    uint32_t doc = node_find(s->f, decl, N_DOC);
    return doc ? src_str(s, doc) : STR("");
}

bool src_chain(const struct src *s, uint32_t expr, struct chain *ret)
{
    unsigned n = 0;
    uint32_t at = expr;
    while (at && n < CHAIN_MAX) {
        uint8_t kind = src_kind(s, at);
        if (kind != E_MCALL && kind != E_SCALL && kind != E_CALL)
            break;
        ret->calls[n++] = at;
        at = node_first(s->f, at);
        if (kind != E_MCALL)
            break;
    }
    ret->root = at;
    ret->n = n;
    for (unsigned i = 0; i < n / 2; i++) {
        uint32_t swap = ret->calls[i];
        ret->calls[i] = ret->calls[n - 1 - i];
        ret->calls[n - 1 - i] = swap;
    }
    return n > 0 && n < CHAIN_MAX;
}

bool src_scall_on(const struct src *s, uint32_t call, const char *base_name)
{
    if (src_kind(s, call) != E_SCALL)
        return false;
    uint32_t on = node_first(s->f, call);
    return on && src_kind(s, on) == E_NAME &&
           str_ieq(text_basename(src_str(s, on)), str_c(base_name));
}
