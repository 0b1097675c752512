/* Class, function and constant names through `namespace` and `use`. */
#include "php/lower.h"
#include "php/names.h"

static struct str find_import(const struct lower *l, struct str alias, uint8_t op)
{
    for (size_t i = l->imports.n; i-- > 0;)
        if (l->imports.p[i].op == op && str_ieq(l->imports.p[i].alias, alias))
            return l->imports.p[i].full;
    return (struct str){ "", 0 };
}

static struct str lower_case(struct lower *l, struct str s)
{
    char *p = arena_strndup(l->b.scratch, s.p, s.n);
    for (uint32_t i = 0; p && i < s.n; i++)
        if (p[i] >= 'A' && p[i] <= 'Z')
            p[i] += 'a' - 'A';
    return p ? (struct str){ p, s.n } : (struct str){ "", 0 };
}

struct str resolve_class(struct lower *l, struct str name)
{
    if (name_is_builtin(name))
        return lower_case(l, name);
    return name_resolve(l->ns, name, find_import(l, name_head(name), 0), l->b.scratch);
}

/* Functions and constants: an unqualified one is taken as imported, or stays as written. */
static struct str resolve_other(struct lower *l, struct str name, uint8_t op)
{
    if (memchr(name.p, '\\', name.n))
        return name_resolve(l->ns, name, find_import(l, name_head(name), 0), l->b.scratch);
    struct str full = find_import(l, name, op);
    return full.n ? full : name;
}

struct str resolve_function(struct lower *l, struct str name)
{
    return name.n ? resolve_other(l, name, 1) : name;
}

struct str resolve_const(struct lower *l, struct str name)
{
    return name.n ? resolve_other(l, name, 2) : name;
}

void add_import(struct lower *l, struct str full, struct str alias, uint8_t op)
{
    struct import i = { alias, full, op };
    if (!vec_push_max(&l->imports, i, 10000))
        l->b.rc = RC_LIMIT;
}

void add_use(struct lower *l, TSNode n, struct str full, struct str alias, uint8_t op)
{
    if (full.n && full.p[0] == '\\')
        full = str_sub(full, 1, full.n);
    if (!alias.n)
        for (alias = full; memchr(alias.p, '\\', alias.n);)
            alias = str_sub(alias, 1, alias.n);
    uint32_t i = open_at(l, N_USE, n);
    node_of(l, i)->op = op;
    node_of(l, i)->s = build_str(&l->b, full);
    add_leaf(l, N_IDENT, n, alias);
    close_at(l, i, n);
    add_import(l, full, alias, op);
}

/* One clause: [function|const] name [as alias]; `prefix` of a group, empty otherwise. Returns its
 * kind, which `use function a, b;` hands on to the next. */
static uint8_t use_clause(struct lower *l, struct str prefix, uint8_t op)
{
    TSNode n = here(l);
    struct str full = { "", 0 }, alias = { "", 0 };
    for (bool in = enter(l); in; in = step(l)) {
        enum cst k = at(l);
        if (k == T_FUNCTION || k == T_CONST)
            op = k == T_FUNCTION ? 1 : 2;
        else if ((k == C_name || k == C_qualified_name) && !full.n)
            full = here_text(l);
        else if (k == C_name)
            alias = here_text(l);
    }
    if (prefix.n) {
        char *p = arena_printf(l->b.scratch, STR_FMT "\\" STR_FMT, STR_ARG(prefix), STR_ARG(full));
        full = p ? str_c(p) : full;
    }
    add_use(l, n, full, alias, op);
    return op;
}

void lower_use(struct lower *l)
{
    struct str prefix = { "", 0 };
    uint8_t op = 0;
    for (bool in = enter(l); in; in = step(l)) {
        enum cst k = at(l);
        if (k == T_FUNCTION || k == T_CONST)
            op = k == T_FUNCTION ? 1 : 2;
        else if (k == C_namespace_name)
            prefix = here_text(l);
        else if (k == C_namespace_use_clause)
            op = use_clause(l, (struct str){ "", 0 }, op);
        else if (k == C_namespace_use_group)
            for (bool g = enter(l); g; g = step(l))
                if (at(l) == C_namespace_use_clause)
                    use_clause(l, prefix, op);
    }
}

void lower_namespace(struct lower *l)
{
    TSNode n = here(l);
    uint32_t i = open_at(l, N_NAMESPACE, n);
    bool braced = false;
    l->imports.n = 0;
    l->ns = (struct str){ "", 0 };
    for (bool in = enter(l); in; in = step(l)) {
        enum cst k = at(l);
        if (k == C_namespace_name) {
            l->ns = here_text(l);
            node_of(l, i)->s = build_str(&l->b, l->ns);
        } else if (k == C_compound_statement) {
            braced = true;
            lower_statements(l);
        }
    }
    close_at(l, i, n);
    if (braced) {
        l->imports.n = 0;
        l->ns = (struct str){ "", 0 };
    }
}
