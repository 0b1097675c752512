#include "fix/round.h"

#include <stdio.h>

static const struct ref none = { REF_NONE, 0 };

static bool in_braces(struct patch *p, struct ref statement)
{
    struct ref up = parent_of(p, statement);
    if (is_kind(p, up, N_FILE) || is_kind(p, up, N_NAMESPACE) || is_kind(p, up, S_CASE))
        return true;
    struct str text = source_of(p, statement.file);
    return is_kind(p, up, S_BLOCK) && at_node(p, up)->off < text.n && text.p[at_node(p, up)->off] == '{';
}

static bool read_closure(struct patch *p, struct ref closure, struct round *r)
{
    unsigned n = 0;
    if (!is_kind(p, closure, E_CLOSURE) && !is_kind(p, closure, E_ARROW))
        return false;
    r->closure = closure;
    for (struct ref c = first_child(p, closure); is_ref(c); c = next_child(p, closure, c)) {
        if (is_kind(p, c, N_PARAM) && n++ == 0)
            r->row = node_name(p, c);
        else if (is_kind(p, c, N_PARAM) && n == 2)
            r->key = node_name(p, c);
        r->body = c; /* the last child */
    }
    return r->row.n > 0;
}

static bool read_call(struct patch *p, struct ref loop, struct round *r)
{
    static const char *const goes_through[] = {
        "map",       "each", "mapWithKeys", "flatMap", "filter", "reject",
        "transform", "sum",  "keyBy",       "groupBy", "sortBy", "mapToGroups"
    };
    struct ref base = first_child(p, loop);
    bool known = false;
    if (is_kind(p, loop, E_CALL) && is_kind(p, base, E_NAME) && str_is(node_name(p, base), "array_map") &&
        arg_count(p, loop) == 2) {
        r->rows = nth_arg(p, loop, 1);
        return read_closure(p, nth_arg(p, loop, 0), r);
    }
    for (size_t i = 0; i < sizeof goes_through / sizeof *goes_through; i++)
        known |= str_is(node_name(p, loop), goes_through[i]);
    r->rows = base;
    return is_kind(p, loop, E_MCALL) && known && read_closure(p, nth_arg(p, loop, 0), r);
}

bool round_read(struct patch *p, struct ref loop, struct round *r)
{
    *r = (struct round){ .loop = loop, .rows = none, .closure = none, .body = none, .before = none };
    if (!is_ref(loop)) {
        patch_refuse(p, "the loop was not found");
        return false;
    }
    if (p->app->files[loop.file].facts->lang == LANG_BLADE) {
        patch_refuse(p, "the loop is in a template: move the query into the code that renders it");
        return false;
    }
    if (is_kind(p, loop, S_FOREACH)) {
        struct ref key;
        r->rows = first_child(p, loop);
        key = next_child(p, loop, r->rows);
        struct ref row = next_child(p, loop, key);
        r->body = next_child(p, loop, row);
        r->row = is_kind(p, row, E_VAR) ? node_name(p, row) : r->row;
        r->key = is_kind(p, key, E_VAR) ? node_name(p, key) : r->key;
        if (!r->row.n || (at_node(p, row)->flags & F_BYREF))
            patch_refuse(p, "the loop takes its rows apart");
        r->before = loop;
    } else if (read_call(p, loop, r)) {
        r->before = statement_of(p, loop);
    } else {
        patch_refuse(p, "the loop is of a form that fettle does not edit");
        return false;
    }
    /* A closure of another function between the statement and the loop would run later, with other values. */
    for (struct ref up = loop; is_ref(up) && is_ref(r->before) && up.node > r->before.node; up = parent_of(p, up))
        if (is_kind(p, up, E_CLOSURE) || is_kind(p, up, E_ARROW))
            patch_refuse(p, "the loop stands in a closure");
    if (!is_ref(r->before) || !in_braces(p, r->before) || is_kind(p, r->before, S_IF) || is_kind(p, r->before, S_WHILE))
        patch_refuse(p, "no statement can be put before the loop");
    return !p->refused;
}

static bool is_repeatable(const struct patch *p, struct ref r)
{
    if (is_kind(p, r, E_VAR) || is_kind(p, r, E_CCONST) || is_kind(p, r, E_CONST))
        return true;
    return (is_kind(p, r, E_PROP) || is_kind(p, r, E_SPROP)) && node_name(p, r).n &&
           (is_kind(p, r, E_SPROP) || is_repeatable(p, first_child(p, r)));
}

/* collect($ids) goes through the same as $ids. */
static struct ref without_collect(const struct patch *p, struct ref rows)
{
    struct ref callee = is_kind(p, rows, E_CALL) ? first_child(p, rows) : none;
    return is_kind(p, callee, E_NAME) && str_is(node_name(p, callee), "collect") && arg_count(p, rows) == 1
               ? nth_arg(p, rows, 0)
               : rows;
}

/* Can the rows be gone through twice? A generator, a cursor or a file cannot. */
static bool is_lasting(const struct patch *p, struct ref r)
{
    static const char *const lists[] = { "get",       "all",      "pluck",        "map",     "filter",  "keys",
                                         "values",    "toArray",  "input",        "items",   "only",    "except",
                                         "validated", "unique",   "collect",      "flatten", "merge",   "paginate",
                                         "take",      "where",    "whereNotNull", "reject",  "flatMap", "modelKeys",
                                         "option",    "argument", "json",         "array" };
    static const char *const once[] = { "generator", "traversable", "iterator", "lazycollection", "iterable" };
    struct ref callee = first_child(p, r);
    switch (at_node(p, r)->kind) {
    case E_ARRAY:
    case E_CCONST:
    case E_CONST:
    case E_PROP:
    case E_SPROP:
    case E_INDEX:
        return true;
    case E_CALL:
        return is_kind(p, callee, E_NAME) &&
               (str_starts(node_name(p, callee), "array_") || str_is(node_name(p, callee), "collect") ||
                str_is(node_name(p, callee), "explode") || str_is(node_name(p, callee), "range"));
    case E_MCALL:
    case E_SCALL:
        for (size_t i = 0; i < sizeof lists / sizeof *lists; i++)
            if (str_is(node_name(p, r), lists[i]))
                return !is_ref(chain_call(p, r, "cursor")) && !is_ref(chain_call(p, r, "lazy")) &&
                       !is_ref(chain_call(p, r, "lazyById"));
        return false;
    case E_VAR: {
        struct ref assign = variable_origin(p, r), method = method_around(p, r);
        if (is_ref(assign))
            return is_lasting(p, next_child(p, assign, first_child(p, assign)));
        for (struct ref c = first_child(p, method); is_ref(c); c = next_child(p, method, c)) {
            struct str type = is_kind(p, c, N_PARAM) ? node_name(p, first_child(p, c)) : STR("");
            for (size_t i = 0;
                 is_kind(p, c, N_PARAM) && str_eq(node_name(p, c), node_name(p, r)) && i < sizeof once / sizeof *once;
                 i++)
                if (type.n >= strlen(once[i]) &&
                    str_ieq((struct str){ type.p + type.n - strlen(once[i]), (uint32_t)strlen(once[i]) },
                            str_c(once[i])))
                    return false;
        }
        return variable_is_parameter(p, r);
    }
    default:
        return false;
    }
}

const char *round_rows(struct patch *p, struct round *r, const char *wish)
{
    struct ref bare = without_collect(p, r->rows);
    if (!is_lasting(p, bare))
        patch_refuse(p, "what the loop goes through may be read once only");
    if (is_repeatable(p, bare))
        return node_cstr(p, bare);
    const char *name = arena_printf(p->arena, "$%s", round_name(p, r, wish));
    r->hoisted = arena_printf(p->arena, "%s = %s;", name, node_cstr(p, r->rows));
    patch_replace(p, r->rows.file, at_node(p, r->rows)->off, at_node(p, r->rows)->end, name);
    return name;
}

void round_put(struct patch *p, const struct round *r, const char *statement)
{
    uint32_t off = at_node(p, r->before)->off;
    const char *indent = indent_of(p, r->before.file, off);
    const char *first = r->hoisted ? arena_printf(p->arena, "%s\n%s", r->hoisted, indent) : "";
    const char *blank = is_kind(p, r->before, S_RETURN) ? "\n" : ""; /* as Laravel's style wants before a return */
    patch_join(p, r->before.file, off, arena_printf(p->arena, "%s%s\n%s%s", first, statement, blank, indent));
}

void round_let_see(struct patch *p, const struct round *r, const char *name)
{
    struct ref last = none;
    if (!is_kind(p, r->closure, E_CLOSURE))
        return;
    for (struct ref c = first_child(p, r->closure); is_ref(c); c = next_child(p, r->closure, c))
        if (is_kind(p, c, E_USE))
            last = c;
    if (is_ref(last)) {
        patch_join(p, last.file, at_node(p, last)->end, arena_printf(p->arena, ", $%s", name));
        return;
    }
    struct str text = source_of(p, r->closure.file);
    struct ref ret = none;
    for (struct ref c = first_child(p, r->closure); is_ref(c); c = next_child(p, r->closure, c))
        if (is_kind(p, c, N_RET))
            ret = c;
    uint32_t at = at_node(p, is_ref(ret) ? ret : r->body)->off;
    while (at > at_node(p, r->closure)->off && text.n && text.p[at - 1] != ')')
        at--;
    patch_insert(p, r->closure.file, at, arena_printf(p->arena, " use ($%s)", name));
}

static bool uses_variable(const struct patch *p, struct ref r, void *ctx)
{
    return is_kind(p, r, E_VAR) && str_is(node_name(p, r), ctx);
}

const char *round_name(struct patch *p, const struct round *r, const char *wish)
{
    char name[80];
    for (unsigned i = 0; i < 20; i++) {
        snprintf(name, sizeof name, i ? "%s%u" : "%s", wish, i + 1);
        if (!any_below(p, (struct ref){ r->loop.file, 0 }, uses_variable, name))
            return arena_strdup(p->arena, name);
    }
    patch_refuse(p, "every name for a new variable is taken");
    return wish;
}

static bool is_set_in(const struct patch *p, struct ref body, struct str name)
{
    for (uint32_t i = body.node; i < at_node(p, body)->skip; i++) {
        struct ref r = { body.file, i }, target = first_child(p, r);
        bool sets = is_kind(p, r, E_ASSIGN) || is_kind(p, r, E_ASSIGN_OP) || is_kind(p, r, E_INCDEC);
        if (is_kind(p, r, S_FOREACH)) {
            target = next_child(p, r, next_child(p, r, target));
            sets = true;
        }
        while (sets && (is_kind(p, target, E_PROP) || is_kind(p, target, E_INDEX)))
            target = first_child(p, target);
        if (sets && is_kind(p, target, E_VAR) && str_eq(node_name(p, target), name))
            return true;
    }
    return false;
}

bool round_depends(const struct patch *p, const struct round *r, struct ref expr)
{
    for (uint32_t i = expr.node; is_ref(expr) && i < at_node(p, expr)->skip; i++) {
        struct ref v = { expr.file, i };
        if (!is_kind(p, v, E_VAR))
            continue;
        struct str name = node_name(p, v);
        if (!name.n || str_eq(name, r->row) || (r->key.n && str_eq(name, r->key)) || is_set_in(p, r->body, name))
            return true;
    }
    return false;
}

struct ref round_value(const struct patch *p, const struct round *r, struct ref expr)
{
    if (!is_kind(p, expr, E_VAR) || str_eq(node_name(p, expr), r->row) || str_eq(node_name(p, expr), r->key))
        return expr;
    struct ref assign = variable_origin(p, expr);
    return is_inside(p, r->body, assign) ? next_child(p, assign, first_child(p, assign)) : expr;
}
