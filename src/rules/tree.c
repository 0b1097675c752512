#include "rules/tree.h"

const struct facts *facts_of(const struct app *app, struct ref r)
{
    return r.file == REF_NONE || r.file >= app->nfiles ? NULL : app->files[r.file].facts;
}

void path_to(const struct facts *f, uint32_t node, struct path *ret)
{
    uint32_t at = 0;
    ret->n = 0;
    while (ret->n < DEPTH_MAX && at != node) {
        ret->nodes[ret->n++] = at;
        uint32_t c = node_first(f, at);
        while (c && facts_node(f, c)->skip <= node)
            c = node_next(f, at, c);
        if (!c || c > node)
            return;
        at = c;
    }
}

const struct facts *path_at(const struct app *app, struct ref r, struct path *ret)
{
    const struct facts *f = facts_of(app, r);
    ret->n = 0;
    if (f)
        path_to(f, r.node, ret);
    return f;
}

unsigned dots_in(const char *path)
{
    unsigned n = 0;
    for (; *path; path++)
        n += *path == '.';
    return n;
}

bool is_call(const struct node *n)
{
    return n->kind == E_MCALL || n->kind == E_SCALL || n->kind == E_CALL;
}

struct str call_name(const struct facts *f, uint32_t i)
{
    const struct node *n = facts_node(f, i);
    if (n->kind != E_CALL)
        return facts_str(f, n->s);
    uint32_t callee = node_first(f, i);
    return callee && facts_node(f, callee)->kind == E_NAME ? facts_str(f, facts_node(f, callee)->s) : (struct str){ "", 0 };
}

bool one_of(struct str name, const char *const *list, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (str_ieq(name, str_c(list[i])))
            return true;
    return false;
}

bool calls_any(const struct facts *f, uint32_t from, const char *const *list, size_t n)
{
    for (uint32_t i = from; i < facts_node(f, from)->skip; i++)
        if (is_call(facts_node(f, i)) && one_of(call_name(f, i), list, n))
            return true;
    return false;
}

uint32_t function_around(const struct facts *f, uint32_t node)
{
    struct path p;
    path_to(f, node, &p);
    for (unsigned i = p.n; i-- > 0;) {
        uint8_t k = facts_node(f, p.nodes[i])->kind;
        if (k == N_METHOD || k == N_FUNCTION || k == E_CLOSURE)
            return p.nodes[i];
    }
    return 0;
}

uint32_t only_value(const struct facts *f, uint32_t var)
{
    uint32_t around = function_around(f, var), found = 0, s = facts_node(f, var)->s;
    for (uint32_t i = around; s && i < facts_node(f, around)->skip; i++) {
        uint8_t k = facts_node(f, i)->kind;
        uint32_t target = k == E_ASSIGN || k == E_ASSIGN_OP ? node_first(f, i) : 0;
        if (!target)
            continue;
        if (facts_node(f, target)->kind == E_INDEX)
            target = node_first(f, target);
        if (facts_node(f, target)->kind != E_VAR || facts_node(f, target)->s != s)
            continue;
        if (found)
            return 0;
        found = node_child(f, i, 1);
    }
    return found;
}
